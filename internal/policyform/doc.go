// Package policyform shows an item of a service list as the fields of a form and in
// plain words (服务项目的表单与白话): its rule as ages, places and boxes to tick where they can
// say it, and as a sentence that anybody understands. It knows no page and no request.
package policyform
