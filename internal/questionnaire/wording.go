package questionnaire

import (
	"strings"

	"yian/internal/fact"
)

// Question (提问) is a question in plain words.
type Question struct {
	Text   string
	Help   string
	Labels []string // of the values in the order of their codes; empty for dates and places
}

// who stands in the table for the one whom the questions are about.
const who = "{谁}"

// Ask returns the question about a fact, to oneself or on behalf of one's family.
func Ask(id fact.ID, family bool) Question {
	whom := "您"
	if family {
		whom = "您的家人"
	}
	q := wording[id]
	q.Text, q.Help = strings.ReplaceAll(q.Text, who, whom), strings.ReplaceAll(q.Help, who, whom)
	return q
}

// Answer returns an answer as people read it.
func (q *Question) Answer(c fact.Code) string {
	if c == fact.Unknown {
		return "不知道"
	}
	return q.Labels[c-1]
}

var wording = [fact.Count]Question{
	fact.Residence: {Text: who + "现在住在哪里？", Help: "请选到县（市、区）。各地的服务清单不一样，按居住地的清单回答。"},
	fact.Hukou:     {Text: who + "的户籍在哪里？", Help: "看户口簿首页的住址。有些服务只给本地户籍的老年人。"},
	fact.Birth:     {Text: who + "的出生日期是哪一天？", Help: "按身份证填写公历日期，例如 1945 年 3 月 27 日。"},
	fact.Sex:       {Text: who + "的性别是？", Labels: []string{"男", "女"}},
	fact.Income: {
		Text: who + "是低保、特困等困难对象吗？", Help: "由民政部门认定，有证件或者认定书。没有认定过的选“都不是”。",
		Labels: []string{"都不是", "低保边缘家庭", "支出型困难（刚性支出困难）家庭", "低保对象", "特困人员"},
	},
	fact.TekunSupport: {
		Text: who + "享受特困供养吗？是哪一种？", Help: "写在特困人员救助供养证或者认定书上。",
		Labels: []string{"没有享受特困供养", "在家生活（分散供养）", "住在供养服务机构（集中供养）"},
	},
	fact.TekunCare: {
		Text: "认定特困时，" + who + "的自理能力是哪一档？", Help: "看吃饭、穿衣、上下床、上厕所、室内行走、洗澡六件事能不能自己做，写在认定书上。",
		Labels: []string{"全自理", "半自理", "全护理"},
	},
	fact.Ability: {
		Text: who + "做过老年人能力评估吗？结果是哪一级？",
		Help: "评估报告上写有等级。没有做过的，请选“不知道”；可以向村（居）委会或者乡镇（街道）申请评估。",
		Labels: []string{
			"能力完好", "轻度失能（能力轻度受损）", "中度失能（能力中度受损）", "重度失能（能力重度受损）", "完全失能（能力完全丧失）",
		},
	},
	fact.Dementia: {
		Text: "医生诊断过" + who + "失智吗？", Help: "也叫认知障碍、痴呆，包括阿尔茨海默病。",
		Labels: []string{"诊断过", "没有诊断过"},
	},
	fact.DisabilityKind: {
		Text: who + "有残疾人证吗？是哪一类残疾？", Help: "写在残疾人证上。",
		Labels: []string{"没有残疾人证", "视力残疾", "听力残疾", "言语残疾", "肢体残疾", "智力残疾", "精神残疾", "多重残疾"},
	},
	fact.DisabilityGrade: {
		Text: who + "的残疾等级是几级？", Help: "写在残疾人证上，一级最重。",
		Labels: []string{"没有残疾人证", "一级", "二级", "三级", "四级"},
	},
	fact.LivesAlone: {Text: who + "是一个人住吗？", Help: "没有和配偶、子女或者其他人同住。", Labels: []string{"是，一个人住", "不是"}},
	fact.EmptyNest: {
		Text: who + "是空巢老人吗？", Help: "没有子女，或者子女都不在身边住。只和老伴同住的也算。",
		Labels: []string{"是", "不是"},
	},
	fact.LeftBehind: {
		Text: who + "是留守老人吗？", Help: "子女长期在外地务工、经商，自己留在家乡生活。",
		Labels: []string{"是", "不是"},
	},
	fact.FPSpecial: {
		Text: who + "属于计划生育特殊家庭吗？", Help: "独生子女伤残或者去世的家庭，由卫生健康部门认定。",
		Labels: []string{"是", "不是"},
	},
	fact.Veteran: {
		Text: who + "是优抚对象吗？是哪一类？", Help: "由退役军人事务部门认定。",
		Labels: []string{"不是优抚对象", "残疾军人", "复员军人", "退伍军人", "烈士遗属", "因公牺牲军人遗属", "病故军人遗属", "现役军人家属"},
	},
	fact.VeteranPension: {
		Text: who + "领取国家定期抚恤金或者定期生活补助吗？", Help: "由退役军人事务部门发给优抚对象。",
		Labels: []string{"领取", "不领取"},
	},
	fact.NoSupporter: {
		Text: "有能够赡养" + who + "的人吗？", Help: "赡养人主要是子女。子女自己没有能力赡养的，选“没有”。",
		Labels: []string{"没有，或者赡养人没有能力", "有"},
	},
	fact.Pension: {
		Text: who + "参加了哪一种基本养老保险？", Help: "领取退休金的选“职工”，领取城乡居民养老金的选“居民”。",
		Labels: []string{"都没有参加", "职工基本养老保险", "城乡居民基本养老保险"},
	},
	fact.Medical: {
		Text: who + "参加了哪一种基本医疗保险？", Help: "城乡居民医疗保险就是以前说的新农合和城镇居民医保。",
		Labels: []string{"都没有参加", "职工基本医疗保险", "城乡居民基本医疗保险"},
	},
	fact.LTCIInsured: {Text: who + "参加了长期护理保险吗？", Help: "只有部分地方有，多数随医疗保险一起参加。", Labels: []string{"参加了", "没有参加"}},
	fact.LTCILevel: {
		Text: who + "做过长期护理失能等级评估吗？结果是哪一级？", Help: "由医疗保障部门组织，写在评估结论书上。没有做过的选“不知道”。",
		Labels: []string{"基本正常", "轻度失能", "中度失能", "重度失能Ⅰ级", "重度失能Ⅱ级", "重度失能Ⅲ级"},
	},
	fact.Vagrant: {
		Text: who + "现在生活没有着落、在外流浪或者乞讨吗？", Help: "有这种情况的，可以随时向当地救助管理站求助。",
		Labels: []string{"是", "不是"},
	},
	fact.InFacility:     {Text: who + "住在养老机构里吗？", Help: "如养老院、敬老院、福利院。", Labels: []string{"是", "不是"}},
	fact.WantsCentral:   {Text: who + "愿意住进特困人员供养服务机构吗？", Help: "特困人员可以选择在家生活，也可以选择住进机构。", Labels: []string{"愿意", "不愿意"}},
	fact.WorkInjuryCare: {Text: who + "领取工伤保险的生活护理费吗？", Help: "由工伤保险基金按月支付。", Labels: []string{"领取", "不领取"}},
}
