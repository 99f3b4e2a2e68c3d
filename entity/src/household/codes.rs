//! Code lists of household and person. Sources: domain reference, sections 5 to 7 and 13.

crate::code_lists! {
    /// Status of a household (户状态); it moves only by the events of domain reference, section 7.1.
    HouseholdStatus "户状态" {
        Candidate "CANDIDATE" "候选" "Candidate, not on file";
        UnderAppraisal "UNDER_APPRAISAL" "评议中" "Under appraisal";
        Registered "REGISTERED" "在册" "Registered";
        Exited "EXITED" "已脱贫" "Exited from poverty";
        Returned "RETURNED" "返贫" "Returned to poverty";
        StruckOff "STRUCK_OFF" "清退" "Struck off: never qualified";
        Closed "CLOSED" "销户" "Closed: no living member";
    }
    /// Class of a registered household (贫困户属性).
    HouseholdClass "贫困户属性" {
        General "GENERAL" "一般贫困户" "General poor household";
        Dibao "DIBAO" "低保户" "Dibao household";
        SpecialSupport "SPECIAL_SUPPORT" "五保、特困户" "Special-support household";
        DibaoPoor "DIBAO_POOR" "低保贫困户" "Poor dibao household with labour";
    }
    /// Whether policies go on after exit (脱贫后政策).
    PolicyAfterExit "脱贫后政策" {
        Kept "KEPT" "享受政策" "Policies kept";
        Ended "ENDED" "不享受政策" "Policies ended";
    }
    /// Cause of poverty (致贫原因): the sources and the national form together.
    PovertyCause "致贫原因" {
        Illness "ILLNESS" "因病" "Illness";
        Disability "DISABILITY" "因残" "Disability";
        Schooling "SCHOOLING" "因学" "Cost of schooling";
        Disaster "DISASTER" "因灾" "Disaster";
        Marriage "MARRIAGE" "因婚" "Cost of marriage";
        LackOfFunds "LACK_OF_FUNDS" "缺资金" "Lack of funds";
        LackOfSkills "LACK_OF_SKILLS" "缺技术" "Lack of skills";
        LackOfLabour "LACK_OF_LABOUR" "缺劳力" "Lack of labour";
        LackOfLand "LACK_OF_LAND" "缺土地" "Lack of land";
        LackOfWater "LACK_OF_WATER" "缺水" "Lack of water";
        PoorTransport "POOR_TRANSPORT" "交通条件落后" "Poor transport";
        LackOfMotivation "LACK_OF_MOTIVATION" "自身发展动力不足" "Lack of motivation";
        Other "OTHER" "其他" "Other cause";
    }
    /// Sex (性别), GB/T 2261.1.
    Sex "性别" {
        Unknown "UNKNOWN" "未知" "Unknown" "0";
        Male "MALE" "男" "Male" "1";
        Female "FEMALE" "女" "Female" "2";
        NotStated "NOT_STATED" "未说明" "Not stated" "9";
    }
    /// Relation to the head of the household (与户主关系), GB/T 4761, two digits.
    RelationToHead "与户主关系" {
        Oneself "SELF" "本人" "Self" "01";
        Head "HEAD" "户主" "Head" "02";
        Spouse "SPOUSE" "配偶" "Spouse" "10";
        Husband "HUSBAND" "夫" "Husband" "11";
        Wife "WIFE" "妻" "Wife" "12";
        Son "SON" "子" "Son" "20";
        OnlySon "ONLY_SON" "独生子" "Only son" "21";
        EldestSon "ELDEST_SON" "长子" "Eldest son" "22";
        SecondSon "SECOND_SON" "次子" "Second son" "23";
        ThirdSon "THIRD_SON" "三子" "Third son" "24";
        FourthSon "FOURTH_SON" "四子" "Fourth son" "25";
        FifthSon "FIFTH_SON" "五子" "Fifth son" "26";
        AdoptedSon "ADOPTED_SON" "养子或继子" "Adopted son or stepson" "27";
        SonInLaw "SON_IN_LAW" "女婿" "Son-in-law" "28";
        OtherSon "OTHER_SON" "其他儿子" "Other son" "29";
        Daughter "DAUGHTER" "女" "Daughter" "30";
        OnlyDaughter "ONLY_DAUGHTER" "独生女" "Only daughter" "31";
        EldestDaughter "ELDEST_DAUGHTER" "长女" "Eldest daughter" "32";
        SecondDaughter "SECOND_DAUGHTER" "二女" "Second daughter" "33";
        ThirdDaughter "THIRD_DAUGHTER" "三女" "Third daughter" "34";
        FourthDaughter "FOURTH_DAUGHTER" "四女" "Fourth daughter" "35";
        FifthDaughter "FIFTH_DAUGHTER" "五女" "Fifth daughter" "36";
        AdoptedDaughter "ADOPTED_DAUGHTER" "养女或继女" "Adopted daughter or stepdaughter" "37";
        DaughterInLaw "DAUGHTER_IN_LAW" "儿媳" "Daughter-in-law" "38";
        OtherDaughter "OTHER_DAUGHTER" "其他女儿" "Other daughter" "39";
        Grandchild "GRANDCHILD" "孙子、孙女或外孙子、外孙女" "Grandchild" "40";
        Grandson "GRANDSON" "孙子" "Grandson" "41";
        Granddaughter "GRANDDAUGHTER" "孙女" "Granddaughter" "42";
        DaughtersSon "DAUGHTERS_SON" "外孙子" "Daughter's son" "43";
        DaughtersDaughter "DAUGHTERS_DAUGHTER" "外孙女" "Daughter's daughter" "44";
        GrandsonsWife "GRANDSONS_WIFE" "孙媳或外孙媳" "Grandson's wife" "45";
        GranddaughtersHusband "GRANDDAUGHTERS_HUSBAND" "孙女婿或外孙女婿" "Granddaughter's husband" "46";
        GreatGrandson "GREAT_GRANDSON" "曾孙子或外曾孙子" "Great-grandson" "47";
        GreatGranddaughter "GREAT_GRANDDAUGHTER" "曾孙女或外曾孙女" "Great-granddaughter" "48";
        OtherGrandchild "OTHER_GRANDCHILD" "其他孙子、孙女或外孙子、外孙女" "Other grandchild" "49";
        Parent "PARENT" "父母" "Parent" "50";
        Father "FATHER" "父亲" "Father" "51";
        Mother "MOTHER" "母亲" "Mother" "52";
        HusbandsFather "HUSBANDS_FATHER" "公公" "Husband's father" "53";
        HusbandsMother "HUSBANDS_MOTHER" "婆婆" "Husband's mother" "54";
        WifesFather "WIFES_FATHER" "岳父" "Wife's father" "55";
        WifesMother "WIFES_MOTHER" "岳母" "Wife's mother" "56";
        Stepfather "STEPFATHER" "继父或养父" "Stepfather or adoptive father" "57";
        Stepmother "STEPMOTHER" "继母或养母" "Stepmother or adoptive mother" "58";
        OtherParent "OTHER_PARENT" "其他父母关系" "Other parent" "59";
        Grandparent "GRANDPARENT" "祖父母或外祖父母" "Grandparent" "60";
        PaternalGrandfather "PATERNAL_GRANDFATHER" "祖父" "Paternal grandfather" "61";
        PaternalGrandmother "PATERNAL_GRANDMOTHER" "祖母" "Paternal grandmother" "62";
        MaternalGrandfather "MATERNAL_GRANDFATHER" "外祖父" "Maternal grandfather" "63";
        MaternalGrandmother "MATERNAL_GRANDMOTHER" "外祖母" "Maternal grandmother" "64";
        SpousesGrandparent "SPOUSES_GRANDPARENT" "配偶的祖父母或外祖父母" "Spouse's grandparent" "65";
        GreatGrandfather "GREAT_GRANDFATHER" "曾祖父" "Great-grandfather" "66";
        GreatGrandmother "GREAT_GRANDMOTHER" "曾祖母" "Great-grandmother" "67";
        SpousesGreatGrandparent "SPOUSES_GREAT_GRANDPARENT" "配偶的曾祖父母或外曾祖父母" "Spouse's great-grandparent" "68";
        OtherGrandparent "OTHER_GRANDPARENT" "其他祖父母或外祖父母关系" "Other grandparent" "69";
        Sibling "SIBLING" "兄弟姐妹" "Sibling" "70";
        ElderBrother "ELDER_BROTHER" "兄" "Elder brother" "71";
        ElderBrothersWife "ELDER_BROTHERS_WIFE" "嫂" "Elder brother's wife" "72";
        YoungerBrother "YOUNGER_BROTHER" "弟" "Younger brother" "73";
        YoungerBrothersWife "YOUNGER_BROTHERS_WIFE" "弟媳" "Younger brother's wife" "74";
        ElderSister "ELDER_SISTER" "姐姐" "Elder sister" "75";
        ElderSistersHusband "ELDER_SISTERS_HUSBAND" "姐夫" "Elder sister's husband" "76";
        YoungerSister "YOUNGER_SISTER" "妹妹" "Younger sister" "77";
        YoungerSistersHusband "YOUNGER_SISTERS_HUSBAND" "妹夫" "Younger sister's husband" "78";
        OtherSibling "OTHER_SIBLING" "其他兄弟姐妹" "Other sibling" "79";
        Other "OTHER" "其他" "Other" "80";
        FathersElderBrother "FATHERS_ELDER_BROTHER" "伯父" "Father's elder brother" "81";
        FathersElderBrothersWife "FATHERS_ELDER_BROTHERS_WIFE" "伯母" "Wife of the father's elder brother" "82";
        FathersYoungerBrother "FATHERS_YOUNGER_BROTHER" "叔父" "Father's younger brother" "83";
        FathersYoungerBrothersWife "FATHERS_YOUNGER_BROTHERS_WIFE" "婶母" "Wife of the father's younger brother" "84";
        MothersBrother "MOTHERS_BROTHER" "舅父" "Mother's brother" "85";
        MothersBrothersWife "MOTHERS_BROTHERS_WIFE" "舅母" "Wife of the mother's brother" "86";
        MothersSistersHusband "MOTHERS_SISTERS_HUSBAND" "姨父" "Husband of the mother's sister" "87";
        MothersSister "MOTHERS_SISTER" "姨母" "Mother's sister" "88";
        FathersSistersHusband "FATHERS_SISTERS_HUSBAND" "姑父" "Husband of the father's sister" "89";
        FathersSister "FATHERS_SISTER" "姑母" "Father's sister" "90";
        PaternalCousin "PATERNAL_COUSIN" "堂兄弟、堂姐妹" "Cousin of the father's line" "91";
        OtherCousin "OTHER_COUSIN" "表兄弟、表姐妹" "Other cousin" "92";
        BrothersSon "BROTHERS_SON" "侄子" "Brother's son" "93";
        BrothersDaughter "BROTHERS_DAUGHTER" "侄女" "Brother's daughter" "94";
        SistersSon "SISTERS_SON" "外甥" "Sister's son" "95";
        SistersDaughter "SISTERS_DAUGHTER" "外甥女" "Sister's daughter" "96";
        OtherRelative "OTHER_RELATIVE" "其他亲属" "Other relative" "97";
        NotRelated "NOT_RELATED" "非亲属" "Not a relative" "99";
    }
    /// Ethnic group (民族), GB 3304.
    EthnicGroup "民族" {
        Han "HAN" "汉族" "Han" "01";
        Mongol "MONGOL" "蒙古族" "Mongol" "02";
        Hui "HUI" "回族" "Hui" "03";
        Tibetan "TIBETAN" "藏族" "Tibetan" "04";
        Uyghur "UYGHUR" "维吾尔族" "Uyghur" "05";
        Miao "MIAO" "苗族" "Miao" "06";
        Yi "YI" "彝族" "Yi" "07";
        Zhuang "ZHUANG" "壮族" "Zhuang" "08";
        Bouyei "BOUYEI" "布依族" "Bouyei" "09";
        Korean "KOREAN" "朝鲜族" "Korean" "10";
        Manchu "MANCHU" "满族" "Manchu" "11";
        Dong "DONG" "侗族" "Dong" "12";
        Yao "YAO" "瑶族" "Yao" "13";
        Bai "BAI" "白族" "Bai" "14";
        Tujia "TUJIA" "土家族" "Tujia" "15";
        Hani "HANI" "哈尼族" "Hani" "16";
        Kazak "KAZAK" "哈萨克族" "Kazak" "17";
        Dai "DAI" "傣族" "Dai" "18";
        Li "LI" "黎族" "Li" "19";
        Lisu "LISU" "傈僳族" "Lisu" "20";
        Va "VA" "佤族" "Va" "21";
        She "SHE" "畲族" "She" "22";
        Gaoshan "GAOSHAN" "高山族" "Gaoshan" "23";
        Lahu "LAHU" "拉祜族" "Lahu" "24";
        Sui "SUI" "水族" "Sui" "25";
        Dongxiang "DONGXIANG" "东乡族" "Dongxiang" "26";
        Naxi "NAXI" "纳西族" "Naxi" "27";
        Jingpo "JINGPO" "景颇族" "Jingpo" "28";
        Kirgiz "KIRGIZ" "柯尔克孜族" "Kirgiz" "29";
        Tu "TU" "土族" "Tu" "30";
        Daur "DAUR" "达斡尔族" "Daur" "31";
        Mulao "MULAO" "仫佬族" "Mulao" "32";
        Qiang "QIANG" "羌族" "Qiang" "33";
        Blang "BLANG" "布朗族" "Blang" "34";
        Salar "SALAR" "撒拉族" "Salar" "35";
        Maonan "MAONAN" "毛南族" "Maonan" "36";
        Gelao "GELAO" "仡佬族" "Gelao" "37";
        Xibe "XIBE" "锡伯族" "Xibe" "38";
        Achang "ACHANG" "阿昌族" "Achang" "39";
        Pumi "PUMI" "普米族" "Pumi" "40";
        Tajik "TAJIK" "塔吉克族" "Tajik" "41";
        Nu "NU" "怒族" "Nu" "42";
        Uzbek "UZBEK" "乌孜别克族" "Uzbek" "43";
        Russian "RUSSIAN" "俄罗斯族" "Russian" "44";
        Ewenki "EWENKI" "鄂温克族" "Ewenki" "45";
        Deang "DEANG" "德昂族" "Deang" "46";
        Bonan "BONAN" "保安族" "Bonan" "47";
        Yugur "YUGUR" "裕固族" "Yugur" "48";
        Gin "GIN" "京族" "Gin" "49";
        Tatar "TATAR" "塔塔尔族" "Tatar" "50";
        Derung "DERUNG" "独龙族" "Derung" "51";
        Oroqen "OROQEN" "鄂伦春族" "Oroqen" "52";
        Hezhen "HEZHEN" "赫哲族" "Hezhen" "53";
        Monba "MONBA" "门巴族" "Monba" "54";
        Lhoba "LHOBA" "珞巴族" "Lhoba" "55";
        Jino "JINO" "基诺族" "Jino" "56";
        Other "OTHER" "其他" "Other" "97";
        ForeignBorn "FOREIGN_BORN" "外国血统中国籍人士" "Foreign-born citizen" "98";
    }
    /// Education level reached (文化程度).
    EducationLevel "文化程度" {
        Illiterate "ILLITERATE" "文盲或半文盲" "Illiterate or semi-literate";
        Primary "PRIMARY" "小学" "Primary school";
        Junior "JUNIOR" "初中" "Junior secondary school";
        Senior "SENIOR" "高中（含中专）" "Senior secondary, with secondary technical";
        College "COLLEGE" "大专" "College";
        University "UNIVERSITY" "本科及以上" "University and above";
    }
    /// State of health (健康状况); where several hold, the one that weighs most.
    HealthStatus "健康状况" {
        Healthy "HEALTHY" "健康" "Healthy";
        Chronic "CHRONIC" "长期慢性病" "Chronic illness";
        MajorIllness "MAJOR_ILLNESS" "患有大病" "Major illness";
        Disabled "DISABLED" "残疾" "Disabled";
    }
    /// Labour capacity (劳动能力). Without labour capacity (无劳动能力) means `LOST` or `NONE`.
    LabourCapacity "劳动能力" {
        Normal "NORMAL" "普通劳动力" "Normal labour";
        Skilled "SKILLED" "技能劳动力" "Skilled labour";
        Weak "WEAK" "弱劳动力或半劳动力" "Weak or half labour";
        Lost "LOST" "丧失劳动力" "Labour capacity lost";
        None "NONE" "无劳动力" "No labour";
    }
    /// What the check of a citizen number found (身份证号状态), GB 11643; reasons are tested in this order.
    CitizenNumberState "身份证号状态" {
        Valid "VALID" "有效" "Valid";
        Format "FORMAT" "格式错误" "Wrong format";
        BirthDate "BIRTH_DATE" "出生日期错误" "Birth date does not exist";
        CheckDigit "CHECK_DIGIT" "校验码错误" "Wrong check character";
        Missing "MISSING" "缺失" "No number recorded";
    }
    /// Why a membership ended (减少原因).
    LeftReason "减少原因" {
        Died "DIED" "死亡" "Died";
        MovedOut "MOVED_OUT" "迁出" "Moved out";
        Transferred "TRANSFERRED" "转入其他户" "Transferred to another household";
    }
    /// State of a member offered to another township (转移状态).
    MemberOfferState "转移状态" {
        Offered "OFFERED" "待接收" "Offered";
        Accepted "ACCEPTED" "已接收" "Accepted: in a household there";
    }
    /// How a user is tied to a household (联系户类别).
    LinkKind "联系户类别" {
        Helper "HELPER" "帮扶联系" "Helper of the household";
        Own "OWN" "本户" "Member of the household";
    }
    /// Marital status (婚姻状况), GB/T 2261.2.
    MaritalStatus "婚姻状况" {
        Single "SINGLE" "未婚" "Single" "10";
        Married "MARRIED" "已婚" "Married" "20";
        FirstMarriage "FIRST_MARRIAGE" "初婚" "In the first marriage" "21";
        Remarried "REMARRIED" "再婚" "Married again" "22";
        Reunited "REUNITED" "复婚" "Married again to the same person" "23";
        Widowed "WIDOWED" "丧偶" "Widowed" "30";
        Divorced "DIVORCED" "离婚" "Divorced" "40";
        NotStated "NOT_STATED" "未说明" "Not stated" "90";
    }
    /// Where a member works (务工区域).
    WorkPlace "务工区域" {
        Township "TOWNSHIP" "乡镇内" "Inside the township";
        County "COUNTY" "乡镇外县内" "Inside the county, outside the township";
        Province "PROVINCE" "县外省内" "Inside the province, outside the county";
        Elsewhere "OUTSIDE_PROVINCE" "省外" "Outside the province";
    }
    /// Kind of an item of income (收入类别).
    IncomeKind "收入类别" {
        Wage "WAGE" "工资性收入" "Wage income";
        Business "BUSINESS" "生产经营性收入" "Business income";
        Property "PROPERTY" "财产性收入" "Property income";
        Transfer "TRANSFER" "转移性收入" "Transfer income";
    }
    /// Kind of animal kept (畜种).
    AnimalKind "畜种" {
        Cattle "CATTLE" "牛" "Cattle";
        Sheep "SHEEP" "羊" "Sheep and goats";
        Pig "PIG" "猪" "Pigs";
        Horse "HORSE" "马、驴、骡" "Horses, donkeys and mules";
        Camel "CAMEL" "骆驼" "Camels";
        Poultry "POULTRY" "家禽" "Poultry";
        Other "OTHER" "其他" "Other animals";
    }
    /// Kind of a helper (帮扶人类别).
    HelperKind "帮扶人类别" {
        Responsible "RESPONSIBLE" "帮扶责任人" "Helper answerable for the household";
        VillageCadre "VILLAGE_CADRE" "包户村干部" "Village cadre in charge of the household";
        Social "SOCIAL" "社会帮扶人士" "Private helper";
    }
    /// One of the five batches (五个一批): the ways out of poverty.
    MeasureBatch "五个一批" {
        Production "PRODUCTION" "发展生产脱贫一批" "Through production";
        Relocation "RELOCATION" "易地搬迁脱贫一批" "Through relocation";
        Ecology "ECOLOGY" "生态补偿脱贫一批" "Through ecology";
        Education "EDUCATION" "发展教育脱贫一批" "Through education";
        SocialSecurity "SOCIAL_SECURITY" "社会保障兜底一批" "Through social security";
    }
    /// State of a measure (措施状态).
    MeasureState "措施状态" {
        Planned "PLANNED" "计划" "Planned";
        Active "ACTIVE" "实施中" "Under way";
        Done "DONE" "已完成" "Done";
        Stopped "STOPPED" "已中止" "Stopped";
    }
    /// Way of a visit (走访方式).
    VisitWay "走访方式" {
        OnSpot "ON_SPOT" "实地走访" "On the spot";
        Phone "PHONE" "电话联系" "By phone";
        Other "OTHER" "其他" "Another way";
    }
    /// A post in a village (驻村岗位).
    VillagePostRole "驻村岗位" {
        FirstSecretary "FIRST_SECRETARY" "第一书记" "First secretary";
        TeamLeader "TEAM_LEADER" "驻村工作队队长" "Leader of the work team";
        TeamMember "TEAM_MEMBER" "驻村工作队队员" "Member of the work team";
    }
    /// State of a post in a village (驻村岗位状态); domain reference, section 7.10.
    VillagePostState "驻村岗位状态" {
        Posted "POSTED" "在岗" "Posted";
        Graded "GRADED" "已考核" "Graded";
        Recalled "RECALLED" "召回" "Recalled: graded average or lower";
        Ended "ENDED" "期满" "Ended";
    }
    /// Grade of somebody posted in a village (考核等次).
    VillagePostGrade "考核等次" {
        Excellent "EXCELLENT" "优秀" "Excellent";
        Good "GOOD" "较好" "Good";
        Average "AVERAGE" "一般" "Average";
        Poor "POOR" "较差" "Poor";
    }
    /// Kind of what is posted for objections (公示类别); domain reference, section 7.6.
    PublicityKind "公示类别" {
        FirstIdentification "FIRST_IDENTIFICATION" "识别第一次公示" "Identification, first";
        SecondIdentification "SECOND_IDENTIFICATION" "识别第二次公示" "Identification, second";
        Notice "NOTICE" "公告" "Notice of those confirmed";
        Exit "EXIT" "脱贫退出公示" "Exit";
        VillagePlan "VILLAGE_PLAN" "村级规划公示" "Plan of the village";
        ProjectList "PROJECT_LIST" "项目库公示" "Projects for the library";
        RainDewList "RAIN_DEW_LIST" "雨露计划公示" "Rain and Dew";
        FundUse "FUND_USE" "资金使用公示" "Use of funds";
    }
    /// How a publicity ended (公示结果).
    PublicityResult "公示结果" {
        Passed "PASSED" "通过" "Passed: nothing was upheld against it";
        Withdrawn "WITHDRAWN" "撤回" "Withdrawn: an objection was upheld";
    }
    /// Decision on an objection (异议处理结果).
    ObjectionDecision "异议处理结果" {
        UpheldOnFacts "UPHELD_ON_FACTS" "情况属实" "Upheld on the facts";
        UpheldOnProcedure "UPHELD_ON_PROCEDURE" "程序不符" "Upheld on the procedure";
        NotUpheld "NOT_UPHELD" "不成立" "Not upheld";
    }
}
