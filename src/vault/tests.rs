use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use time::macros::date;

use super::*;
use crate::identifiers::{BankCardNumber, CitizenNumber};

const SUITES: [SuiteName; 2] = [SuiteName::International, SuiteName::Chinese];
const PLACE: Place<'static> = Place::new("person", "number", 42);

fn vault(suite: SuiteName) -> Vault {
    Vault::new(suite, &KeyRing::demo())
}

fn number() -> CitizenNumber {
    CitizenNumber::from_parts(150_921, date!(1980 - 01 - 02), 123).unwrap()
}

fn ring(settings: &[(&str, String)]) -> Result<KeyRing, KeyError> {
    let settings: HashMap<&str, &String> = settings
        .iter()
        .map(|(name, value)| (*name, value))
        .collect();
    KeyRing::read(|name| settings.get(name).map(|value| (*value).clone()))
}

fn key(seed: u8) -> String {
    let mut bytes = [seed; 32];
    bytes[0] = 0xA5;
    STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_value_comes_back_in_both_suites() {
    for suite in SUITES {
        let sealed = vault(suite).seal(PLACE, &number()).unwrap();
        assert_eq!(sealed.index, vault(suite).index(&number()));
        assert_eq!(sealed.mask, "1*****************");
        // Whatever the suite of today, both are read.
        for reader in SUITES {
            let opened = vault(reader)
                .open(Kind::CitizenNumber, PLACE, &sealed.cipher)
                .unwrap();
            assert_eq!(opened.reveal(), number().reveal());
            assert_eq!(vault(reader).is_outdated(&sealed.cipher), reader != suite);
        }
    }
}

#[test]
fn the_same_value_never_looks_the_same_twice() {
    for suite in SUITES {
        let vault = vault(suite);
        let (one, other) = (
            vault.seal(PLACE, &number()).unwrap(),
            vault.seal(PLACE, &number()).unwrap(),
        );
        assert_ne!(one.cipher, other.cipher);
        assert_eq!(one.index, other.index);
    }
}

#[test]
fn any_changed_byte_is_noticed() {
    for suite in SUITES {
        let vault = vault(suite);
        let sealed = vault.seal(PLACE, &number()).unwrap();
        for place in 0..sealed.cipher.len() {
            for bit in 0..8 {
                let mut changed = sealed.cipher.clone();
                changed[place] ^= 1 << bit;
                assert!(
                    vault.open(Kind::CitizenNumber, PLACE, &changed).is_err(),
                    "byte {place} of {suite:?}"
                );
            }
        }
        for length in 0..sealed.cipher.len() {
            assert!(
                vault
                    .open(Kind::CitizenNumber, PLACE, &sealed.cipher[..length])
                    .is_err()
            );
        }
    }
}

#[test]
fn a_value_opens_only_where_it_was_sealed() {
    for suite in SUITES {
        let vault = vault(suite);
        let sealed = vault.seal(PLACE, &number()).unwrap();
        for elsewhere in [
            Place::new("person", "number", 43),
            Place::new("person", "phone", 42),
            Place::new("identity", "number", 42),
            // The border between the two names counts too.
            Place::new("personn", "umber", 42),
        ] {
            let opened = vault.open(Kind::CitizenNumber, elsewhere, &sealed.cipher);
            assert_eq!(opened, Err(VaultError::Tampered), "{elsewhere:?}");
        }
    }
}

#[test]
fn older_keys_still_open() {
    let index = (keys::INDEX_KEY, key(9));
    let old = ring(&[
        (keys::ENCRYPTION_KEYS, format!("1:{}", key(1))),
        index.clone(),
    ])
    .unwrap();
    let both = ring(&[
        (
            keys::ENCRYPTION_KEYS,
            format!("1:{}\n 2:{}\n", key(1), key(2)),
        ),
        index.clone(),
    ])
    .unwrap();
    let new = ring(&[(keys::ENCRYPTION_KEYS, format!("2:{}", key(2))), index]).unwrap();
    for suite in SUITES {
        let [old, both, new] = [&old, &both, &new].map(|ring| Vault::new(suite, ring));
        let sealed = old.seal(PLACE, &number()).unwrap();
        assert_eq!(
            both.open(Kind::CitizenNumber, PLACE, &sealed.cipher)
                .unwrap()
                .reveal(),
            number().reveal()
        );
        assert!(both.is_outdated(&sealed.cipher) && !old.is_outdated(&sealed.cipher));
        assert_eq!(
            new.open(Kind::CitizenNumber, PLACE, &sealed.cipher),
            Err(VaultError::UnknownKey(1))
        );
        let anew = both.seal(PLACE, &number()).unwrap();
        assert_eq!(
            new.open(Kind::CitizenNumber, PLACE, &anew.cipher)
                .unwrap()
                .reveal(),
            number().reveal()
        );
        assert_eq!(
            anew.index, sealed.index,
            "an index outlives the encryption keys"
        );
    }
}

#[test]
fn the_same_digits_of_two_kinds_have_nothing_in_common() {
    for suite in SUITES {
        let vault = vault(suite);
        let indexes = Kind::ALL.map(|kind| vault.index(&SensitiveText::new(kind, "13812345678")));
        for (i, one) in indexes.iter().enumerate() {
            assert!(!indexes[..i].contains(one));
        }
    }
    assert!(
        Kind::ALL
            .iter()
            .enumerate()
            .all(|(i, kind)| *kind as usize == i)
    );
    assert_ne!(
        vault(SUITES[0]).index(&number()),
        vault(SUITES[1]).index(&number())
    );
}

/// What is stored must open, and be found, for ever. The hashes were computed by another program (OpenSSL).
#[test]
fn the_form_of_what_is_stored_never_changes() {
    let phone = PhoneNumber::parse("13812345678").unwrap();
    let indexes = SUITES.map(|suite| hex(vault(suite).index(&phone).as_ref()));
    assert_eq!(
        indexes,
        [
            "c8f0588be253163b9916a4437af0770158296e62e860a63e9961fb2e91c2b8e0",
            "3640e81be5ec215cf1dec8fe32208d9586fdb21df133e4f078dadf812c69fd59",
        ]
    );
    for cipher in [
        "01000111908505d2dfc21150c789ddf743954c0943a13bf71c9bdac189c42f61ffd7a3c89de96fa4bfe3",
        "020001a16f3a8f71ca150773b6642446b7a6cbbca1b407076ac8e8a3505d14a10f0dfee2d2e64eac1047",
    ] {
        let cipher: Vec<u8> = (0..cipher.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&cipher[at..at + 2], 16).unwrap())
            .collect();
        let opened = vault(SuiteName::International).open(
            Kind::Phone,
            Place::new("person", "phone", 7),
            &cipher,
        );
        assert_eq!(opened.unwrap().reveal(), phone.reveal());
    }
}

#[test]
fn keys_are_read_with_care() {
    let good = |name: &'static str, value: String| (name, value);
    let index = good(keys::INDEX_KEY, key(9));
    let encryption = |text: String| ring(&[good(keys::ENCRYPTION_KEYS, text), index.clone()]).err();
    assert_eq!(encryption(format!("1:{}", key(1))), None);
    assert_eq!(
        encryption(String::new()),
        Some(KeyError::Form(keys::ENCRYPTION_KEYS))
    );
    assert_eq!(
        encryption(key(1)),
        Some(KeyError::Form(keys::ENCRYPTION_KEYS))
    );
    assert_eq!(
        encryption("1:abc".into()),
        Some(KeyError::Length(keys::ENCRYPTION_KEYS))
    );
    assert_eq!(
        encryption(format!("1:{},1:{}", key(1), key(2))),
        Some(KeyError::Twice(1))
    );
    assert_eq!(
        encryption(format!("1:{},2:{}", key(1), key(1))),
        Some(KeyError::Weak)
    );
    assert_eq!(encryption(format!("1:{}", key(9))), Some(KeyError::Weak));
    assert_eq!(
        encryption(format!("1:{}", STANDARD.encode([0; 32]))),
        Some(KeyError::Weak)
    );
    assert_eq!(
        ring(&[index]).err(),
        Some(KeyError::Missing(keys::ENCRYPTION_KEYS))
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", key(9))).unwrap();
    let path = ("YIHU_INDEX_KEY_FILE", file.path().display().to_string());
    let from_file = ring(&[good(keys::ENCRYPTION_KEYS, format!("7:{}", key(1))), path]).unwrap();
    assert_eq!(from_file.versions().collect::<Vec<_>>(), [7]);
    assert!(!from_file.is_demo());
    let known = STANDARD.encode(KeyRing::demo().index().bytes());
    let borrowed = ring(&[
        good(keys::ENCRYPTION_KEYS, format!("7:{}", key(1))),
        good(keys::INDEX_KEY, known),
    ]);
    assert!(borrowed.unwrap().is_demo());
}

#[test]
fn nothing_prints_a_value_or_a_key() {
    let card = BankCardNumber::parse("6222021234567890128")
        .or_else(|_| BankCardNumber::parse("4111111111111111"));
    let text = SensitiveText::new(Kind::CitizenNumber, number().reveal());
    let phone = PhoneNumber::parse("+86 138-1234-5678").unwrap();
    let diagnosis = Diagnosis::parse("c34.901").unwrap();
    let sealed = vault(SuiteName::Chinese).seal(PLACE, &text).unwrap();
    let printed = format!(
        "{card:?} {text:?} {text} {phone:?} {phone} {diagnosis:?} {diagnosis} {sealed:?} {:?} {:?} {}",
        vault(SuiteName::Chinese),
        KeyRing::demo(),
        serde_json::to_string(&(&text, &phone, &diagnosis)).unwrap(),
    );
    for secret in [
        number().reveal(),
        "1980",
        "1234",
        "C34",
        "demonstration",
        "121, 105",
    ] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    assert_eq!(phone.masked(), "138****5678");
    assert_eq!(phone.to_string(), "138****5678");
    assert_eq!(format!("{phone:?}"), "PhoneNumber(138****5678)");
    assert_eq!(diagnosis.masked(), "C00-D48");
    assert_eq!(diagnosis.category(), "C34");
    assert_eq!(phone.reveal(), "13812345678");
}

#[test]
fn masks_show_what_they_may() {
    for (kind, text, mask) in [
        (Kind::CitizenNumber, "150921800102123", "1*****************"),
        (Kind::CitizenNumber, "1", "*"),
        (
            Kind::DisabilityCertificate,
            "15092119800102123X44",
            "1*******************",
        ),
        (
            Kind::BankCard,
            "6222 0212 3456 7890 128",
            "***************0128",
        ),
        (Kind::Phone, "13812345678", "138****5678"),
        (Kind::Phone, "0476-8231234", "047****1234"),
        (Kind::Phone, "8231234", "*******"),
        (Kind::Diagnosis, "Z99.2", "Z00-Z99"),
        (Kind::Diagnosis, "D49", "*"),
        (Kind::Diagnosis, "T98.3", "S00-T98"),
        (Kind::Diagnosis, "肺恶性肿瘤", "*"),
    ] {
        assert_eq!(SensitiveText::new(kind, text).masked(), mask, "{text}");
    }
    let names = ["", "张", "张三", "张小丰", "欧阳小丰", "买买提·吐尔逊"];
    assert_eq!(
        names.map(mask_name),
        ["", "*", "张*", "张*丰", "欧**丰", "买**·**逊"]
    );
    assert_eq!(
        mask_address("大明镇城里村3组12号", &["赤峰市", "宁城县", "大明镇"]),
        "赤峰市宁城县大明镇*"
    );
    assert_eq!(mask_address(" ", &["赤峰市"]), "");
}

#[test]
fn phones_and_diagnoses_are_told_from_other_texts() {
    for good in [
        "13812345678",
        "＋86 138 1234 5678",
        "0086-13812345678",
        "0476-8231234",
        "4008123123",
        "8231234",
    ] {
        assert!(PhoneNumber::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "12812345678",
        "1381234567a",
        "无",
        "138123456789012",
        "110",
    ] {
        assert_eq!(
            PhoneNumber::parse(bad),
            Err(UnreadableValue::Phone),
            "{bad}"
        );
    }
    for good in ["C34.901", "i10.x00x002", "A18.0+", "Ｃ３４"] {
        assert!(Diagnosis::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "C3",
        "34.9",
        "V00",
        "C34.901肺",
        "C34.90000000000000",
        "C00-D48",
    ] {
        assert_eq!(
            Diagnosis::parse(bad),
            Err(UnreadableValue::Diagnosis),
            "{bad}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_comes_back_as_it_is_written(text in "\\PC{0,60}", row: i64, which in 0..5usize, chinese: bool) {
        let vault = vault(SUITES[usize::from(chinese)]);
        let value = SensitiveText::new(Kind::ALL[which], &text);
        let place = Place::new("t", "c", row);
        let sealed = vault.seal(place, &value).unwrap();
        let opened = vault.open(value.kind(), place, &sealed.cipher).unwrap();
        prop_assert_eq!(opened.reveal(), value.reveal());
        prop_assert_eq!(vault.index(&opened), sealed.index);
        prop_assert!(vault.open(value.kind(), Place::new("t", "c", row ^ 1), &sealed.cipher).is_err());
        // Written the one way, it stays so.
        prop_assert_eq!(SensitiveText::new(value.kind(), value.reveal()), value);
    }

    #[test]
    fn made_up_bytes_do_not_open(bytes: Vec<u8>) {
        prop_assert!(vault(SuiteName::Chinese).open(Kind::Phone, PLACE, &bytes).is_err());
    }

    #[test]
    fn masks_keep_the_length_and_hide_the_middle(digits in "1[3-9][0-9]{9}") {
        let mask = PhoneNumber::parse(&digits).unwrap().masked();
        prop_assert_eq!(&mask[..3], &digits[..3]);
        prop_assert_eq!(&mask[3..7], "****");
        prop_assert_eq!(&mask[7..], &digits[7..]);
    }
}
