package messageweb_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"yian/internal/message"
	"yian/internal/messageweb"
	"yian/internal/ui/uitest"
)

func TestTemplatesFitTheirStructs(t *testing.T) { uitest.Templates(t, messageweb.Views()) }

var anyVersion = regexp.MustCompile(`name="version" value="(\d+)"`)

func TestOutboxIsFiltered(t *testing.T) {
	s := newSite(t)
	wang, li := s.elder(t, "王秀兰"), s.elder(t, "李桂英")
	b := s.as(t, 1)
	b.want(t, "/messages", nil, 200, "没有这样的消息")
	sent := s.queue(t, wang, "newly")
	s.become(t, sent, "state = 'sent', gateway_id = 'g-1', attempts = 1, sent_at = queued_at + 60000000")
	failed := s.queue(t, wang, "lost-family")
	s.become(t, failed, "state = 'failed', attempts = 6, reason = '连不上网关。'")
	s.become(t, s.queue(t, li, "changing"), "attempts = 1, reason = '连不上网关。', next_at = queued_at + 300000000")

	golden(t, "list", b.want(t, "/messages", nil, 200, "王秀兰", "李桂英", "138****5678", "139****5432", "已发送", "连不上网关，2026-11-22 09:35 再试"))
	page := b.want(t, "/messages?state=failed", nil, 200, "王秀兰", "您家的王老人家不再符合")
	if strings.Contains(page, "李桂英") {
		t.Error("the state does not filter")
	}
	page = b.want(t, "/messages?template=changing", nil, 200, "李桂英", "将有变化（本人）")
	if strings.Contains(page, "王秀兰") {
		t.Error("the template does not filter")
	}
	b.want(t, "/messages?state=nonsense&template=gone", nil, 200, "没有这样的消息")
	b.want(t, "/messages?before=x!", nil, 404)
	golden(t, "show", b.want(t, "/messages/"+failed.String(), nil, 200, "消息没有发出", "重发", "取消", "张三", "6 次"))
	b.want(t, "/messages/"+sent.String(), nil, 200, "2026-11-22 09:31", "g-1")
}

func TestListHasPages(t *testing.T) {
	s := newSite(t)
	b := s.as(t, 1)
	for range 51 {
		s.queue(t, s.elder(t, "王秀兰"), "newly")
	}
	first := b.want(t, "/messages?state=queued", nil, 200, "下一页")
	next := regexp.MustCompile(`href="(/messages\?before=[^"]*)"`).FindStringSubmatch(first)
	if next == nil {
		t.Fatal("no address of the next page")
	}
	second := b.want(t, strings.ReplaceAll(next[1], "&amp;", "&"), nil, 200, "上一页")
	if n, m := strings.Count(first, `data-label="时间"`), strings.Count(second, `data-label="时间"`); n != 50 || m != 1 {
		t.Errorf("the pages have %d and %d rows", n, m)
	}
}

func TestMessageIsCancelledAndSentAgain(t *testing.T) {
	s := newSite(t)
	b := s.as(t, 1)
	at := "/messages/" + s.queue(t, s.elder(t, "王秀兰"), "newly").String()
	page := b.want(t, at, nil, 200, "待发送", "取消")
	form := url.Values{"version": {anyVersion.FindStringSubmatch(page)[1]}}
	b.want(t, at+"/retry", form, 409, "不用重发")
	page = b.want(t, at+"/cancel", form, 200, "消息已取消", "已取消")
	b.want(t, at+"/cancel", form, 412)
	b.want(t, at+"/retry", url.Values{}, 412)
	form = url.Values{"version": {anyVersion.FindStringSubmatch(page)[1]}}
	b.want(t, at+"/retry", form, 200, "已排队重发", "待发送")
}

func TestPersonOptsOutAndIn(t *testing.T) {
	s := newSite(t)
	b := s.as(t, 1)
	p := s.elder(t, "王秀兰")
	s.queue(t, p, "newly")
	at := "/persons/" + p.ID.String() + "/messages"
	golden(t, "person", b.want(t, at, nil, 200, "王秀兰的消息", "登记退订", "待发送"))
	b.want(t, at+"/optout", url.Values{"reason": {" "}}, 422, "请写明是谁要求的")
	golden(t, "opted-out", b.want(t, at+"/optout", url.Values{"reason": {"本人来电，不想收"}}, 200, "已退订，不再发送消息", "张三：本人来电，不想收", "已取消", "恢复接收"))
	b.want(t, at+"/optout", url.Values{"reason": {"再说一次"}}, 200, "本人来电，不想收")
	page := b.want(t, at+"/optin", url.Values{}, 200, "登记退订")
	if strings.Contains(page, "已退订，不再发送消息") {
		t.Error("still opted out")
	}
}

func TestMessagesOfOthersAreNotThere(t *testing.T) {
	s := newSite(t)
	p := s.elder(t, "王秀兰")
	n := s.queue(t, p, "newly")
	at, file := "/messages/"+n.String(), "/persons/"+p.ID.String()+"/messages"
	other := s.as(t, 2)
	other.want(t, "/messages", nil, 200, "没有这样的消息")
	form := url.Values{"version": {"1"}, "reason": {"本人来电"}}
	for _, path := range []string{at + "/cancel", at + "/retry", file + "/optout", file + "/optin"} {
		other.want(t, path, form, 404)
	}
	other.want(t, at, nil, 404)
	other.want(t, file, nil, 404)
	leader := s.as(t, 3)
	leader.want(t, "/messages", nil, 403)
	leader.want(t, file, nil, 403)
	s.as(t, 1).want(t, at, nil, 200, message.Queued.Label())
}
