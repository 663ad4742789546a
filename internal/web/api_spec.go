package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"yian/internal/access"
)

// apiConfig is how the JSON interface describes itself. Pages that show it and links
// to schemas are off: they load from elsewhere or say what the description says.
func apiConfig() huma.Config {
	c := huma.DefaultConfig("颐安 接口", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decode}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	c.Info.Description = strings.Join([]string{
		"老年人档案和信息的读写接口。权限、数据范围和审计与页面相同；范围以外的人一律答复“没有找到”。",
		"证件号码和电话一律只给出打码后的形式；需要完整号码时说明用途，单独查看，并留下审计记录。证件号码和电话不得写在地址里。",
		"修改用 If-Match 带上读到的版本（ETag）：别人先改过时答复 412，重新读取后再改。",
		"写入可以带 Idempotency-Key：同一个键重复提交只办一次，24 小时内重复提交得到第一次的应答。",
		"每个调用方可以突发 100 次、持续每秒 20 次；超过时答复 429，按 Retry-After 等候。",
		"日期为 YYYY-MM-DD（北京时间的日历日），时间为带时区的 RFC 3339。没有给出的信息是“未知”，不等于“无”或“否”。",
	}, "\n\n")
	c.Servers = []*huma.Server{{URL: "/", Description: "本服务器"}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "管理员签发的接口令牌"},
		"session": {Type: "apiKey", In: "cookie", Name: "yian", Description: "浏览器登录后的会话"},
	}
	problem := c.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	c.Components.Responses = map[string]*huma.Response{}
	for _, r := range refusals {
		c.Components.Responses[r.name] = r.response(problem)
	}
	c.OnAddOperation = []huma.AddOpFunc{describe}
	return c
}

// refusal is a way in which operations refuse.
type refusal struct {
	status      int
	name        string
	description string
	headers     map[string]string
}

var refusals = []refusal{
	{400, "BadRequest", "缺少正文，或正文不是合法的 JSON", nil},
	{401, "Unauthorized", "没有令牌、令牌失效或会话已结束", map[string]string{"WWW-Authenticate": "Bearer：要带令牌"}},
	{403, "Forbidden", "没有这项权限，或要写入的地区不在管理范围内", nil},
	{404, "NotFound", "没有找到，或不在管理范围内", nil},
	{408, "RequestTimeout", "正文没有按时传完", nil},
	{409, "Conflict", "现在不能这样做：已经存在、状态不允许，或同一个幂等键的请求正在处理", map[string]string{"Retry-After": "请过多少秒再试（正在处理时才有）"}},
	{412, "PreconditionFailed", "If-Match 的版本已经不是最新，请重新读取后再改", nil},
	{413, "ContentTooLarge", "正文太大", nil},
	{415, "UnsupportedMediaType", "正文不是 JSON", nil},
	{422, "UnprocessableContent", "内容有误，errors 逐项说明；或同一个幂等键用于不同的内容", nil},
	{429, "TooManyRequests", "调用太频繁", map[string]string{"Retry-After": "请过多少秒再试"}},
	{500, "InternalServerError", "系统出错，操作没有完成", nil},
	{503, "ServiceUnavailable", "系统忙，操作没有完成，请稍后再试", nil},
}

func (r refusal) response(problem *huma.Schema) *huma.Response {
	res := &huma.Response{
		Description: r.description,
		Content: map[string]*huma.MediaType{"application/problem+json": {
			Schema:  problem,
			Example: map[string]any{"title": statusTitles[r.status], "status": r.status, "detail": r.description + "。"},
		}},
	}
	for name, text := range r.headers {
		res.Headers = merged(res.Headers, name, &huma.Header{Description: text, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return res
}

// merged returns the headers with one more.
func merged(headers map[string]*huma.Header, name string, h *huma.Header) map[string]*huma.Header {
	if headers == nil {
		headers = map[string]*huma.Header{}
	}
	headers[name] = h
	return headers
}

// outline adds to an operation what follows from how it is registered.
func outline[I any](op *huma.Operation, p access.Permission, o options) {
	statuses := []int{429, 500, 503}
	if p != access.Public {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
		statuses = append(statuses, 401, 403)
		op.Extensions = map[string]any{"x-permission": string(p)}
		for _, l := range access.Labels {
			if l.Permission == p {
				op.Description += "\n\n需要权限：" + l.Label + "。"
			}
		}
	}
	in := reflect.TypeFor[I]()
	if _, ok := in.FieldByName("Body"); ok {
		statuses = append(statuses, 400, 408, 413, 415)
	}
	if strings.Contains(op.Path, "{") {
		statuses = append(statuses, 404)
	}
	if in.NumField() > 0 || o.keyed {
		statuses = append(statuses, 422)
	}
	if o.keyed {
		statuses = append(statuses, 409)
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: keyHeader, In: "header", Description: "幂等键：每个新请求一个新值，建议用 UUID；重发时用原来的值",
			Schema: &huma.Schema{Type: huma.TypeString}, Example: "8f14e45f-ceea-4e7a-9c39-6a1d2f5b0c7e",
		})
	}
	op.Errors = append(op.Errors, statuses...)
}

// describe puts Chinese where huma has English, and one description of each refusal
// where it has many.
func describe(_ *huma.OpenAPI, op *huma.Operation) {
	for _, r := range refusals {
		if code := strconv.Itoa(r.status); op.Responses[code] != nil {
			op.Responses[code] = &huma.Response{Ref: "#/components/responses/" + r.name}
		}
	}
	for code, text := range map[string]string{"200": "成功", "201": "已新建", "204": "已完成"} {
		if res := op.Responses[code]; res != nil {
			res.Description = text
			if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == keyHeader }) {
				replayed := &huma.Header{Description: "为 true 时是重复提交，应答是第一次的", Schema: &huma.Schema{Type: huma.TypeString}}
				res.Headers = merged(res.Headers, replayedHeader, replayed)
			}
			for _, h := range res.Headers {
				if h.Description == "" {
					h.Description, h.Schema.Description = h.Schema.Description, ""
				}
			}
		}
	}
}

// openAPI serves the description of the interface, and says of every other address
// in it that it is not there.
func (m *Mux) openAPI() {
	text := sync.OnceValues(func() ([]byte, error) { return json.Marshal(m.api.OpenAPI()) })
	m.note(http.MethodGet, "/api/openapi.json", access.Public)
	m.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, hr *http.Request) {
		name(w, "GET /api/openapi.json")
		spec, err := text()
		if err != nil {
			m.site.refuse(w, hr, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(spec) // the client may have gone
	})
	m.mux.HandleFunc(apiPrefix, m.lost)
}
