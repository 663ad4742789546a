package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/db"
	"yian/internal/errs"
)

// Problem tells clients of the JSON interface what went wrong (RFC 9457). It never
// repeats what they sent.
type Problem struct {
	Title   string  `json:"title" example:"内容有误" doc:"哪一类问题"`
	Status  int     `json:"status" example:"422" doc:"HTTP 状态码"`
	Detail  string  `json:"detail" example:"填写的内容有误，请按提示修改后再提交。" doc:"问题在哪里，怎样处理"`
	Request string  `json:"request,omitempty" example:"MFRGGZDF" doc:"请求编号；系统出错时请告诉管理员"`
	Errors  []Fault `json:"errors,omitempty" doc:"逐项的问题"`
}

// Fault is what is wrong with one part of a request.
type Fault struct {
	Location string `json:"location,omitempty" example:"body.number" doc:"在请求的哪里：body、query、path 或 header 加名称"`
	Message  string `json:"message" example:"身份证号最后一位校验码不对，请对照证件核对" doc:"哪里不对"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// retryAfter is the cause of a refusal that ends by itself.
type retryAfter time.Duration

// Error implements error.
func (r retryAfter) Error() string { return "retry after " + time.Duration(r).String() }

func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// statusTitles name the problems that no kind of errs stands for.
var statusTitles = map[int]string{
	http.StatusBadRequest: "请求无法读取", http.StatusMethodNotAllowed: "没有这个操作", http.StatusRequestTimeout: "请求没有传完",
	http.StatusNotAcceptable: "没有这种格式", http.StatusUnsupportedMediaType: "不支持的格式",
}

func init() {
	for kind, title := range titles {
		statusTitles[kind.Status()] = title
	}
	huma.NewError = func(status int, message string, causes ...error) huma.StatusError {
		return foreseen(context.Background(), status, message, causes)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, causes ...error) huma.StatusError {
		return foreseen(ctx.Context(), status, message, causes)
	}
}

// foreseen makes a problem of what huma finds wrong with a request.
func foreseen(ctx context.Context, status int, message string, causes []error) *Problem {
	number, _ := ctx.Value(numberKey{}).(string)
	p := &Problem{Status: status, Title: statusTitles[status], Request: number, Detail: inChinese(message)}
	switch status {
	case http.StatusUnprocessableEntity:
		p.Detail = "提交的内容有误，请按 errors 逐项修改后再提交。"
	case http.StatusUnsupportedMediaType:
		p.Detail = "正文应为 JSON（Content-Type: application/json）。"
		return p
	case http.StatusBadRequest:
		p.Detail = "缺少正文，或正文不是完整的 JSON。"
	}
	for _, cause := range causes {
		if detail, ok := errors.AsType[*huma.ErrorDetail](cause); ok {
			p.Errors = append(p.Errors, Fault{Location: detail.Location, Message: inChinese(detail.Message)})
		}
	}
	return p
}

// problem makes an answer of an error.
func (s *Site) problem(ctx context.Context, err error) *Problem {
	number, _ := ctx.Value(numberKey{}).(string)
	if made, ok := errors.AsType[*Problem](err); ok {
		made.Title, made.Request = statusTitles[made.Status], number
		return made
	}
	kind := errs.KindOf(err)
	if kind == errs.Internal && db.IsBusy(err) {
		kind, err = errs.Unavailable, errs.New(errs.Unavailable, "系统忙，这次操作没有完成。请稍后再试。").Because(err)
	}
	if kind == errs.Internal && errors.Is(err, context.DeadlineExceeded) {
		kind, err = errs.Unavailable, errs.New(errs.Unavailable, "系统忙，这次操作超时，没有完成。请稍后再试。").Because(err)
	}
	if kind == errs.Internal || kind == errs.Unavailable {
		s.Log.ErrorContext(ctx, "request failed", slog.String("request", number), slog.String("error", err.Error()))
	}
	p := &Problem{Status: kind.Status(), Title: titles[kind], Detail: errs.Message(err), Request: number}
	for _, f := range errs.FieldsOf(err) {
		p.Errors = append(p.Errors, Fault{Location: located(f.Name), Message: f.Message})
	}
	return p
}

// located says in which part of the request a field is: the body, if it does not say.
func located(field string) string {
	for _, part := range [...]string{"query", "header", "path"} {
		if field == part || strings.HasPrefix(field, part+".") {
			return field
		}
	}
	return "body." + field
}

// refuse answers with a problem before or instead of an operation.
func (s *Site) refuse(w http.ResponseWriter, hr *http.Request, err error) {
	p := s.problem(hr.Context(), err)
	h := w.Header()
	h.Set("Content-Type", p.ContentType(""))
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if wait, ok := errors.AsType[retryAfter](err); ok {
		h.Set("Retry-After", strconv.Itoa(seconds(time.Duration(wait))))
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.Log.ErrorContext(hr.Context(), "problem failed", slog.String("request", p.Request), slog.String("error", err.Error()))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(text) // the client may have gone
}

// lost answers for addresses of the interface that no operation has.
func (m *Mux) lost(w http.ResponseWriter, hr *http.Request) {
	name(w, apiPrefix)
	var allowed []string
	for _, method := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := hr.Clone(hr.Context())
		other.Method = method
		if _, pattern := m.mux.Handler(other); pattern != apiPrefix {
			allowed = append(allowed, method)
		}
	}
	var err error = errs.New(errs.NotFound, "接口里没有这个地址，请对照 /api/openapi.json 检查。")
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		err = &Problem{Status: http.StatusMethodNotAllowed, Detail: "这个地址只能用 " + strings.Join(allowed, "、") + "。"}
	}
	m.site.refuse(w, hr, err)
}
