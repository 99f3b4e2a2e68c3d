//! Names as they are spread among people: a few surnames and given names are very common.

use crate::dice::Dice;

/// Surnames in order of how common they are, the first twenty with their share in thousandths (census figures as published).
const SURNAMES: [(&str, u32); 20] = [
    ("王", 72),
    ("李", 71),
    ("张", 68),
    ("刘", 54),
    ("陈", 45),
    ("杨", 31),
    ("黄", 23),
    ("赵", 23),
    ("吴", 20),
    ("周", 20),
    ("徐", 15),
    ("孙", 15),
    ("马", 13),
    ("朱", 13),
    ("胡", 13),
    ("郭", 12),
    ("何", 12),
    ("高", 12),
    ("林", 12),
    ("罗", 9),
];

/// Those after them; the share falls from 9 thousandths by rank.
const MORE_SURNAMES: &str = "郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤\
温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由";

const COMPOUND_SURNAMES: [&str; 8] = [
    "欧阳", "上官", "司马", "诸葛", "尉迟", "皇甫", "令狐", "长孙",
];

/// Characters of given names by when they were common; the earlier in the text the more common.
const MEN: [&str; 3] = [
    "国德明文永福玉树春金清志成荣贵海生林祥光庆华忠有万长广兴财根发木水连义正维怀传宝富三喜安元全保才柱昌宗仁山满学景福先启振茂良银显子士",
    "建军国志伟明强华平勇文永卫东红新民江利海峰刚杰林生斌波春宏兵辉涛忠庆成俊光学少世立振德荣超玉晓和亮武良胜金旭祥毅跃鹏小",
    "伟杰浩宇俊明鹏飞磊鑫博文涛轩子涵天佳瑞豪志强帅凯超龙晨阳昊然泽泽旭梓睿嘉航一诺宸皓铭晓辰家乐思远逸翔奕峻成梦凡恒",
];
const WOMEN: [&str; 3] = [
    "秀英桂兰玉珍凤芳金素淑花梅莲香荣翠月云琴春巧爱喜招芝美清连彩娥改银仙菊存转变瑞妙果三换二连翠先青根妮",
    "丽红霞艳玲燕芳敏静娟秀英萍华云梅琴丹晓春海桂美玉凤平荣淑建慧娜爱莉文琼蓉珍莲改俊彩林雪冬青亚小银风利",
    "雨婷欣怡佳梓涵思诗雅静梦瑶可馨晓雪慧敏丹紫萱嘉琪颖琳依诺语桐悦彤心一若曦文媛艺芮妍娜倩玥子璇婧薇月淼",
];

const MONGOL: [[&str; 16]; 2] = [
    [
        "巴特尔",
        "那顺",
        "朝鲁",
        "苏和",
        "毕力格",
        "宝音",
        "格日勒图",
        "孟克",
        "达来",
        "乌力吉",
        "巴图",
        "额尔敦",
        "特木尔",
        "布和",
        "阿古拉",
        "呼和",
    ],
    [
        "乌云其木格",
        "萨仁",
        "娜仁",
        "其其格",
        "托娅",
        "斯琴",
        "高娃",
        "乌日娜",
        "阿拉坦花",
        "通拉嘎",
        "娜仁花",
        "萨日娜",
        "乌兰",
        "斯日古楞",
        "琪琪格",
        "敖登",
    ],
];
const UYGHUR: [&str; 14] = [
    "买买提",
    "艾力",
    "阿不都拉",
    "古丽",
    "吐尔逊",
    "热合曼",
    "依明",
    "努尔",
    "阿依古丽",
    "玉素甫",
    "帕提古丽",
    "艾山",
    "木合塔尔",
    "阿迪力",
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum People {
    Han,
    Mongol,
    Uyghur,
}

/// The surname of a family.
pub fn surname(dice: &mut Dice) -> String {
    if dice.chance(0.001) {
        return COMPOUND_SURNAMES[dice.below(COMPOUND_SURNAMES.len())].to_owned();
    }
    let mut left = dice.below(1_000) as u32;
    for (name, share) in SURNAMES {
        if left < share {
            return name.to_owned();
        }
        left -= share;
    }
    let more: Vec<char> = MORE_SURNAMES.chars().collect();
    more[dice.ranked(more.len(), 0.8)].to_string()
}

/// A given name, of the years around birth; `generation` is the character that brothers or sisters share.
pub fn given(dice: &mut Dice, is_male: bool, year: i32, generation: Option<char>) -> String {
    let era = match year {
        ..1955 => 0,
        1955..1985 => 1,
        _ => 2,
    };
    let pool: Vec<char> = (if is_male { MEN } else { WOMEN })[era].chars().collect();
    let one = |dice: &mut Dice| pool[dice.ranked(pool.len(), 0.9)];
    let first = generation.unwrap_or_else(|| one(dice));
    let single = [0.08, 0.25, 0.2][era];
    if generation.is_none() && dice.chance(single) {
        return first.to_string();
    }
    format!("{first}{}", one(dice))
}

/// A name without a family name.
pub fn minority(dice: &mut Dice, people: People, is_male: bool) -> String {
    match people {
        People::Uyghur => format!(
            "{}·{}",
            UYGHUR[dice.below(UYGHUR.len())],
            UYGHUR[dice.below(UYGHUR.len())]
        ),
        _ => {
            let pool = MONGOL[usize::from(!is_male)];
            let first = pool[dice.ranked(pool.len(), 0.6)];
            match dice.chance(0.5) {
                true => first.to_owned(),
                false => format!("{first}{}", pool[dice.below(pool.len())]),
            }
        }
    }
}

/// All characters of names, each once.
pub fn characters() -> Vec<char> {
    let texts = MEN
        .into_iter()
        .chain(WOMEN)
        .chain([MORE_SURNAMES])
        .chain(SURNAMES.map(|(name, _)| name));
    let mut all: Vec<char> = texts.flat_map(str::chars).chain("健剑卫炜玮杨扬芬霏俪莉虹洪鸿宏弘闽旻珉岷雯闻锋丰枫霄箫筱琳霖琪祺淇骐昱煜钰彦晏妍欢焕奂朋棚硕朔妤毓渝瑜菲绯嫣坤昆".chars()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
