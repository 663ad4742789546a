package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "yian_http_request_seconds", Help: "Time to answer, by route and status.",
			Buckets: []float64{.002, .005, .01, .02, .03, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Metrics returns where modules register metrics of their own.
func (m *Mux) Metrics() prometheus.Registerer { return m.site.metrics.registry }

type handlerResponse struct{ http.Handler }

func (h handlerResponse) respond(w http.ResponseWriter, r *Request) error {
	h.ServeHTTP(w, r.Request)
	return nil
}

// showMetrics answers Prometheus, which sends a token as its user.
func (s *Site) showMetrics(*Request) (Response, error) {
	return handlerResponse{promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})}, nil
}
