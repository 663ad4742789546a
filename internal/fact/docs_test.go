package fact

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/facts.md")

const docsFile = "../../docs/facts.md"

// TestDocsFollowTheVocabulary keeps docs/facts.md the same as the table.
func TestDocsFollowTheVocabulary(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# 事实表 The vocabulary of facts

规则、人员文件和部门数据共用的事实。人员文件的表头用“名字”或“含义”，值用“值”或括号里的中文；空单元格为未知。由 ` + "`internal/fact/vocabulary.go`" + ` 生成（` + "`make golden`" + `），请勿手改。

规则中用 ` + "`age`" + `（周岁）而不用 ` + "`birth`" + `；地区用 ` + "`hukou.within(\"1410\")`" + ` 判断。

| 名字 | 含义 | 值 | 数据责任部门 | 依据 |
|---|---|---|---|---|
`)
	for id := range Count {
		d := id.Def()
		values := id.Choices()
		switch d.Kind {
		case Date:
			values = "日期，YYYY-MM-DD"
		case Region:
			values = "区划代码，2、4、6、9 或 12 位"
		case Bool:
			values = "true(是)、false(否)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Label, values, d.Department, d.Note)
	}
	if *update {
		if err := os.WriteFile(docsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s differs from the vocabulary; run make golden", docsFile)
	}
}
