package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"yian/internal/access"
	"yian/internal/errs"
)

// apiConfig is how the JSON interface describes itself. The page of huma that shows
// it is off: it loads scripts from elsewhere.
func apiConfig() huma.Config {
	c := huma.DefaultConfig("颐安 接口", "1")
	c.OpenAPIPath = "/api/openapi"
	c.DocsPath = ""
	c.SchemasPath = "/api/schemas"
	c.Info.Description = "人员档案和事实的读写接口。权限、数据范围和审计与页面相同。"
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "管理员签发的接口令牌"},
		"session": {Type: "apiKey", In: "cookie", Name: "yian", Description: "浏览器登录后的会话"},
	}
	return c
}

// admit lets an operation be called by whoever has the permission.
func (s *Site) admit(api huma.API, p access.Permission, route string) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		hr, w := humago.Unwrap(ctx)
		name(w, route)
		w.Header().Set("Cache-Control", "no-store")
		r, err := s.withSession(hr)
		if err == nil {
			err = s.identify(r)
		}
		if err == nil && p != access.Public {
			err = r.Actor.Need(p)
		}
		if err != nil {
			problem := s.problem(r.Context(), err)
			_ = huma.WriteErr(api, ctx, problem.GetStatus(), problem.Error(), err) // the client may have gone
			return
		}
		tag(w, r.Actor.User)
		next(huma.WithContext(ctx, access.With(r.Context(), r.Actor)))
	}
}

// problem makes an answer of an error: application/problem+json in Chinese.
func (s *Site) problem(ctx context.Context, err error) huma.StatusError {
	kind := errs.KindOf(err)
	if kind == errs.Internal || kind == errs.Unavailable {
		number, _ := ctx.Value(numberKey{}).(string)
		s.Log.ErrorContext(ctx, "request failed", slog.String("request", number), slog.String("error", err.Error()))
	}
	model := &huma.ErrorModel{Status: kind.Status(), Title: titles[kind], Detail: errs.Message(err)}
	for _, f := range errs.FieldsOf(err) {
		model.Errors = append(model.Errors, &huma.ErrorDetail{Location: "body." + f.Name, Message: f.Message})
	}
	return model
}

// withSession loads the session of a browser that calls the interface.
func (s *Site) withSession(hr *http.Request) (*Request, error) {
	r := s.bare(hr)
	cookie, err := hr.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return r, nil //nolint:nilerr // there is none
	}
	ctx, err := s.sessions.Load(hr.Context(), cookie.Value)
	if err != nil {
		return r, err
	}
	r.Request = hr.WithContext(ctx)
	r.Session.loaded = true
	return r, nil
}
