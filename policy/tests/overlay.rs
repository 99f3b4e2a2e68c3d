//! Packs with other figures.

use policy::{overlay, read_pack};

const PACK: &str = r#"
pack: trial   # 试行
name: 试行
sources: { n: a text }
figures:
  share: { is: 10%, cite: n }
benefits:
  gap:
    chinese: 补差
    english: Gap
    departments: CIVIL
    unit: household
    cite: n
    figures: { standard: { is: 3906.00 yuan, cite: n } }
    tables:
      extra: { cite: n, codes: { primary: 100.00 yuan, junior: 200.00 yuan } }
    facts: { income: yuan, stage: word }
    gives:
      annual: max(0, standard - income) + otherwise(pick(extra, stage), 0)
      tenth: round(income * share)
"#;

fn annual(text: &str) -> (String, String) {
    let pack = read_pack("trial.yaml", text).expect("a pack");
    let inputs = serde_json::json!({ "income": "1000.00", "stage": "junior" });
    let answer = pack.benefits[0].answer(inputs.as_object().expect("an object"));
    let gives = answer.expect("an answer").gives;
    let text = |name: &str| gives[name].as_str().expect("a text").to_owned();
    (text("annual"), text("tenth"))
}

fn with(path: &str, value: &str) -> String {
    overlay("trial.yaml", PACK, path, value).expect("an overlay")
}

#[test]
fn a_figure_of_a_benefit_of_the_pack_and_of_a_table() {
    assert_eq!(annual(PACK), ("3106.00".into(), "100.00".into()));
    let standard = with("gap.standard", "4200.00 yuan");
    assert_eq!(annual(&standard), ("3400.00".into(), "100.00".into()));
    assert_eq!(annual(&with("share", "15%")).1, "150.00");
    let entry = with("gap.extra.junior", "250.00 yuan");
    assert_eq!(annual(&entry).0, "3156.00");
    // Nothing else changes.
    let undone = overlay("trial.yaml", &standard, "gap.standard", "3906.00 yuan").expect("a text");
    assert_eq!(undone.replace('\'', ""), PACK.replace('\'', ""));
}

#[test]
fn what_is_not_there_or_does_not_fit_is_told() {
    for path in [
        "gap.nothing",
        "gap",
        "",
        "gap.extra.senior",
        "a.b.c.d",
        "benefits",
        "gap.gives",
    ] {
        let error = overlay("trial.yaml", PACK, path, "1.00 yuan").expect_err(path);
        assert!(
            error.problem.contains("there is no figure or entry"),
            "{error}"
        );
    }
    let wrong = with("gap.standard", "viel");
    let error = read_pack("trial.yaml", &wrong).expect_err("no yuan");
    assert_eq!(error.line, 14);
    let injected = with(
        "gap.standard",
        "1.00 yuan, cite: n }, other: { is: 2.00 yuan",
    );
    read_pack("trial.yaml", &injected).expect_err("one value stays one value");
}
