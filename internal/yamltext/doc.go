// Package yamltext writes YAML in the manner of people: blocks for what is long, braces
// for what fits on a line, and quotation marks only where a reader would take a text
// for something else.
package yamltext
