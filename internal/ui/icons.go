package ui

import (
	"html/template"
	"text/template/parse"
)

// checkIcons looks up every icon that templates name outright, so that a slip of the
// pen stops the start and not the reader.
func checkIcons(tree *template.Template, assets *Assets) error {
	for _, t := range tree.Templates() {
		if t.Tree == nil {
			continue
		}
		for _, name := range iconsIn(t.Tree.Root) {
			if _, err := assets.Icon(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// iconsIn returns the literal arguments of all calls of the template icon below a node.
func iconsIn(node parse.Node) []string {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		var names []string
		for _, child := range n.Nodes {
			names = append(names, iconsIn(child)...)
		}
		return names
	case *parse.IfNode:
		return append(iconsIn(n.List), iconsIn(n.ElseList)...)
	case *parse.RangeNode:
		return append(iconsIn(n.List), iconsIn(n.ElseList)...)
	case *parse.WithNode:
		return append(iconsIn(n.List), iconsIn(n.ElseList)...)
	case *parse.TemplateNode:
		if n.Name == "icon" && n.Pipe != nil && len(n.Pipe.Cmds) == 1 && len(n.Pipe.Cmds[0].Args) == 1 {
			if s, ok := n.Pipe.Cmds[0].Args[0].(*parse.StringNode); ok {
				return []string{s.Text}
			}
		}
	}
	return nil
}
