package fact

var boolean = []Value{
	{Name: "true", Label: "是", Aliases: []string{"TRUE", "True"}},
	{Name: "false", Label: "否", Aliases: []string{"FALSE", "False"}},
}

// vocabulary is the one table that everything follows.
var vocabulary = [Count]Def{
	Birth: {Name: "birth", Label: "出生日期", Kind: Date, Department: "公安"},
	Sex: {Name: "sex", Label: "性别", Kind: Enum, Department: "公安", Values: []Value{
		{Name: "male", Label: "男"}, {Name: "female", Label: "女"},
	}},
	Hukou:     {Name: "hukou", Label: "户籍地", Kind: Region, Department: "公安"},
	Residence: {Name: "residence", Label: "居住地", Kind: Region, Department: "村（社区）"},
	Income: {Name: "income", Label: "困难类别", Kind: Enum, Department: "民政（社会救助）", Values: []Value{
		{Name: "none", Label: "无"},
		{Name: "edge", Label: "低保边缘", Aliases: []string{"低边"}},
		{Name: "rigid", Label: "刚性支出困难", Aliases: []string{"支出型困难", "刚性支出", "支出型"}},
		{Name: "dibao", Label: "低保"},
		{Name: "tekun", Label: "特困"},
	}},
	TekunSupport: {
		Name: "tekun_support", Label: "特困供养方式", Kind: Enum, Department: "民政（社会救助）",
		Note: "特困人员认定办法", Values: []Value{
			{Name: "none", Label: "无"},
			{Name: "scattered", Label: "分散供养"},
			{Name: "central", Label: "集中供养"},
		},
	},
	TekunCare: {
		Name: "tekun_care", Label: "特困人员自理能力", Kind: Enum, Department: "民政（社会救助）",
		Note: "特困人员认定办法：吃饭、穿衣、上下床、如厕、室内行走、洗澡六项指标", Values: []Value{
			{Name: "self", Label: "全自理"},
			{Name: "partial", Label: "半自理"},
			{Name: "full", Label: "全护理"},
		},
	},
	Ability: {
		Name: "ability", Label: "能力等级", Kind: Enum, Department: "民政（养老服务）",
		Note: "GB/T 42195-2022 老年人能力评估规范", Values: []Value{
			{Name: "intact", Label: "能力完好"},
			{Name: "mild", Label: "轻度失能", Aliases: []string{"能力轻度受损"}},
			{Name: "moderate", Label: "中度失能", Aliases: []string{"能力中度受损"}},
			{Name: "severe", Label: "重度失能", Aliases: []string{"能力重度受损"}},
			{Name: "total", Label: "完全失能", Aliases: []string{"能力完全丧失"}},
		},
	},
	Dementia: {Name: "dementia", Label: "失智", Kind: Bool, Department: "卫生健康", Values: boolean},
	DisabilityKind: {
		Name: "disability_kind", Label: "残疾类别", Kind: Enum, Department: "残联",
		Note: "GB/T 26341-2010 残疾人残疾分类和分级", Values: []Value{
			{Name: "none", Label: "无"},
			{Name: "vision", Label: "视力"},
			{Name: "hearing", Label: "听力"},
			{Name: "speech", Label: "言语"},
			{Name: "limb", Label: "肢体"},
			{Name: "intellect", Label: "智力"},
			{Name: "mental", Label: "精神"},
			{Name: "multiple", Label: "多重"},
		},
	},
	DisabilityGrade: {
		Name: "disability_grade", Label: "残疾等级", Kind: Level, Department: "残联",
		Note: "GB/T 26341-2010 残疾人残疾分类和分级；一级最重，0 为无", Values: []Value{
			{Name: "0", Label: "无"},
			{Name: "1", Label: "一级"},
			{Name: "2", Label: "二级"},
			{Name: "3", Label: "三级"},
			{Name: "4", Label: "四级"},
		},
	},
	LivesAlone: {Name: "lives_alone", Label: "独居", Kind: Bool, Department: "村（社区）", Values: boolean},
	EmptyNest:  {Name: "empty_nest", Label: "空巢", Kind: Bool, Department: "村（社区）", Values: boolean},
	LeftBehind: {Name: "left_behind", Label: "留守", Kind: Bool, Department: "村（社区）", Values: boolean},
	FPSpecial:  {Name: "fp_special", Label: "计划生育特殊家庭", Kind: Bool, Department: "卫生健康", Values: boolean},
	Veteran: {Name: "veteran", Label: "优抚对象类别", Kind: Enum, Department: "退役军人事务", Values: []Value{
		{Name: "none", Label: "无"},
		{Name: "disabled", Label: "残疾军人"},
		{Name: "demobilised", Label: "复员军人"},
		{Name: "discharged", Label: "退伍军人"},
		{Name: "martyr_family", Label: "烈士遗属"},
		{Name: "duty_family", Label: "因公牺牲军人遗属"},
		{Name: "illness_family", Label: "病故军人遗属"},
		{Name: "active_family", Label: "现役军人家属"},
	}},
	VeteranPension: {Name: "veteran_pension", Label: "享受定期抚恤补助", Kind: Bool, Department: "退役军人事务", Values: boolean},
	NoSupporter:    {Name: "no_supporter", Label: "无赡养人或其无能力", Kind: Bool, Department: "民政（社会救助）", Values: boolean},
	Pension:        {Name: "pension", Label: "基本养老保险", Kind: Enum, Department: "人力资源社会保障", Values: insurance},
	Medical:        {Name: "medical", Label: "基本医疗保险", Kind: Enum, Department: "医疗保障", Values: insurance},
	LTCIInsured:    {Name: "ltci_insured", Label: "参加长期护理保险", Kind: Bool, Department: "医疗保障", Values: boolean},
	LTCILevel: {
		Name: "ltci_level", Label: "长护失能等级", Kind: Level, Department: "医疗保障",
		Note: "长期护理失能等级评估标准（试行）", Values: []Value{
			{Name: "0", Label: "基本正常"},
			{Name: "1", Label: "轻度失能"},
			{Name: "2", Label: "中度失能"},
			{Name: "3", Label: "重度失能Ⅰ级"},
			{Name: "4", Label: "重度失能Ⅱ级"},
			{Name: "5", Label: "重度失能Ⅲ级"},
		},
	},
	Vagrant:        {Name: "vagrant", Label: "生活无着流浪乞讨", Kind: Bool, Department: "民政（社会救助）", Values: boolean},
	InFacility:     {Name: "in_facility", Label: "入住养老机构", Kind: Bool, Department: "民政（养老服务）", Values: boolean},
	WantsCentral:   {Name: "wants_central", Label: "有集中供养意愿", Kind: Bool, Department: "乡镇（街道）", Values: boolean},
	WorkInjuryCare: {Name: "work_injury_care", Label: "领取工伤生活护理费", Kind: Bool, Department: "人力资源社会保障", Values: boolean},
}

var insurance = []Value{
	{Name: "none", Label: "未参保", Aliases: []string{"无"}},
	{Name: "employee", Label: "职工", Aliases: []string{"城镇职工"}},
	{Name: "resident", Label: "居民", Aliases: []string{"城乡居民"}},
}
