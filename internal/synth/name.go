package synth

import (
	"fmt"

	"yian/internal/citizenid"
	"yian/internal/fact"
)

var (
	surnames = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文")
	men      = []rune("建国福贵德明志强永发长春树林保山根生文才双喜金水玉堂海洋忠义光荣兴旺有财天成")
	women    = []rune("秀英桂兰玉珍凤琴淑芳翠花巧云美莲月娥爱香素梅彩霞金环银秋菊芬润")
)

// name draws a name of the generation; surnames come with falling frequency.
func (g *generator) name(sex fact.Code) string {
	given := women
	if sex == code(fact.Sex, "male") {
		given = men
	}
	x := g.r.Float64()
	n := []rune{surnames[int(x*x*float64(len(surnames)))], given[g.r.IntN(len(given))]}
	if g.is(0.85) {
		n = append(n, given[g.r.IntN(len(given))])
	}
	return string(n)
}

// maxCitizenIDs is how many people can have different numbers: 10,000 counties of
// 500 each, whatever their birthdays.
const maxCitizenIDs = 10_000 * 500

// citizenID makes a number with a valid check character that belongs to nobody: no
// division of the country has a code that begins with 99. Numbers of one run differ
// because the county and the sequence count through the people.
func (g *generator) citizenID(i int) string {
	y, m, d := g.birth.Date()
	seq := i % 500 * 2
	if g.male {
		seq++
	}
	digits := fmt.Sprintf("99%04d%04d%02d%02d%03d", i/500%10000, y, m, d, seq)
	return digits + string(citizenid.Checksum(digits))
}
