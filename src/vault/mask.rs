//! Masks of what is not secret but personal: names and addresses, for those who do not read the basics.

/// The family name, and the last character of a name of three or more: 张三 is 张*, 张小丰 is 张*丰.
pub fn mask_name(name: &str) -> String {
    let letters: Vec<char> = name.trim().chars().collect();
    match letters[..] {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => [first, '*'].iter().collect(),
        [first, ref middle @ .., last] => {
            let stars = middle
                .iter()
                .map(|letter| if *letter == '·' { '·' } else { '*' });
            std::iter::once(first).chain(stars).chain([last]).collect()
        }
    }
}

/// The address down to the township, from the names of the regions that the household lies in, province first and
/// township last, with a star for the rest.
///
/// The address itself is never read: in a text without commas there is no telling 大明镇 from 农贸市场, and a guess
/// that goes wrong shows the house.
pub fn mask_address(address: &str, down_to_township: &[&str]) -> String {
    match address.trim() {
        "" => String::new(),
        _ => down_to_township.concat() + "*",
    }
}
