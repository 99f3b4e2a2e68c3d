//! Names for people who don't exist, put together from common parts.

use super::dice::Dice;
use entity::household::codes::Sex;

const SURNAMES: [&str; 30] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "高", "郭", "马", "任", "武", "贾", "郝", "田", "石",
    "韩", "宋", "曹", "白", "侯", "康", "孟", "乔", "段", "薛", "冯", "史", "温", "苗",
];

const MEN: [&str; 24] = [
    "贵", "永胜", "建国", "海龙", "志强", "二小", "福林", "玉柱", "满喜", "文斌", "俊", "占奎",
    "润生", "铁柱", "振华", "喜", "宏伟", "有财", "全胜", "三旺", "青山", "存柱", "国栋", "根成",
];

const WOMEN: [&str; 24] = [
    "秀英", "桂兰", "玉梅", "翠花", "改莲", "美丽", "凤仙", "芳", "二女", "润梅", "月娥", "彩霞",
    "爱莲", "银花", "果果", "素珍", "丽娟", "海燕", "俊梅", "招弟", "巧云", "静", "变兰", "林秀",
];

const MONGOL_MEN: [&str; 10] = [
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
];

const MONGOL_WOMEN: [&str; 10] = [
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
];

/// A family name of the Han.
pub fn surname(dice: &mut Dice) -> &'static str {
    dice.one_of(&SURNAMES)
}

/// The family name that a Han name begins with.
pub fn surname_of(name: &str) -> Option<&'static str> {
    SURNAMES
        .into_iter()
        .find(|surname| name.starts_with(surname))
}

/// A full Han name.
pub fn han(dice: &mut Dice, surname: &str, sex: Sex) -> String {
    let given = match sex {
        Sex::Male => dice.one_of(&MEN),
        _ => dice.one_of(&WOMEN),
    };
    format!("{surname}{given}")
}

/// The full name of somebody of whom no more is told.
pub fn someone(dice: &mut Dice) -> String {
    let sex = dice.one_of(&[Sex::Male, Sex::Male, Sex::Female]);
    let surname = surname(dice);
    han(dice, surname, sex)
}

/// A Mongol name, which has no family name.
pub fn mongol(dice: &mut Dice, sex: Sex) -> String {
    match sex {
        Sex::Male => dice.one_of(&MONGOL_MEN),
        _ => dice.one_of(&MONGOL_WOMEN),
    }
    .to_owned()
}
