//! How rules are asked of households as they live: what follows from which facts, what is missing, what would have to change.

use policy::{Exact, Subject, Value, Verdict, Vocabulary, read_pack_asking};

const PACK: &str = r#"
pack: trial
name: 试行
regions: ["1509"]
sources: { n: a text }
benefits:
  cash:
    chinese: 现金
    english: Cash
    departments: CIVIL
    unit: household
    cite: n
    figures:
      per_head: { is: 3000.00 yuan, cite: n }
    facts: { members: count, registered: bool, edge: bool }
    codes:
      refused:
        NOT_REGISTERED: not registered
        NOT_EDGE: not edge
    gives:
      annual: if empty(refused) then per_head * members else 0
      refused: refused
    asked:
      amount: annual
      period: year
  gap:
    chinese: 补差
    english: Gap
    departments: CIVIL
    unit: household
    cite: n
    figures:
      standard: { is: 3906.00 yuan, cite: n }
    facts: { members: count, annual_income: yuan }
    gives:
      annual: max(0, standard * members - annual_income)
    asked:
      from: { annual_income: income }
      amount: annual
      period: year
  study:
    chinese: 助学
    english: Study
    departments: EDU
    unit: member
    cite: n
    figures:
      yearly: { is: 1500.00 yuan, cite: n }
    facts: { registered: bool, stage: word }
    codes:
      refused:
        NOT_REGISTERED: not registered
        NOT_COVERED: "not (stage in ['junior_college', 'vocational'])"
    gives:
      amount: if empty(refused) then yearly else 0
      refused: refused
    asked:
      requires:
        NOT_ENROLLED: known(stage_of_study)
      from: { stage: "otherwise(stage_of_study, 'none')" }
      amount: amount
      period: year
      pay_by: 11-30
"#;

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for (name, ty, of) in [
        ("members", "count", Subject::Household),
        ("registered", "bool", Subject::Household),
        ("edge", "bool", Subject::Household),
        ("income", "yuan", Subject::Household),
        ("stage_of_study", "word?", Subject::Member),
    ] {
        vocabulary.add(name, ty, of, name == "members");
    }
    vocabulary
}

fn number(of: i64) -> Option<Value> {
    Some(Value::Number(Exact::whole(of)))
}

fn yes(of: bool) -> Option<Value> {
    Some(Value::Bool(of))
}

/// The answer, and the changes by name that would make a yes of a no.
fn asked(benefit: &str, known: [Option<Value>; 5]) -> (policy::Entitled, Vec<(String, String)>) {
    let vocabulary = vocabulary();
    let pack = read_pack_asking("trial.yaml", PACK, &vocabulary).expect("a pack");
    let benefit = pack.benefit(benefit).expect("a benefit");
    let entitled = benefit.entitled(&known).expect("an answer");
    let changes = benefit
        .nearest_change(&vocabulary, &known)
        .expect("a search");
    let named = changes.into_iter().map(|change| {
        let fact = &vocabulary.facts()[change.fact];
        (
            fact.name.clone(),
            change.to.text(&fact.ty).unwrap_or_default(),
        )
    });
    (entitled, named.collect())
}

fn codes(entitled: &policy::Entitled) -> Vec<&str> {
    entitled
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect()
}

#[test]
fn an_amount_is_due() {
    let (entitled, _) = asked("cash", [number(3), yes(true), yes(true), None, None]);
    assert_eq!(
        (entitled.status, entitled.amount_fen),
        (Verdict::Entitled, Some(900_000))
    );
    assert_eq!(entitled.facts, [0, 1, 2]);
}

#[test]
fn what_is_not_recorded_is_missing() {
    let (entitled, _) = asked("cash", [number(3), yes(true), None, None, None]);
    assert_eq!(
        (entitled.status, entitled.missing.as_slice()),
        (Verdict::Unknown, &[2][..])
    );
    assert_eq!(entitled.amount_fen, None);
}

#[test]
fn a_no_is_a_no_whatever_is_missing() {
    let (entitled, _) = asked("cash", [number(3), yes(false), None, None, None]);
    assert_eq!(entitled.status, Verdict::NotEntitled);
    assert_eq!(codes(&entitled), ["NOT_REGISTERED"]);
    assert_eq!(
        (entitled.reasons[0].facts.as_slice(), entitled.missing.len()),
        (&[1][..], 0)
    );
}

#[test]
fn the_nearest_change_is_the_smallest() {
    let (entitled, changes) = asked("cash", [number(3), yes(false), yes(true), None, None]);
    assert_eq!(codes(&entitled), ["NOT_REGISTERED"]);
    assert_eq!(changes, [("registered".to_owned(), "true".to_owned())]);
    let (entitled, changes) = asked("cash", [number(3), yes(false), yes(false), None, None]);
    assert_eq!(codes(&entitled), ["NOT_REGISTERED", "NOT_EDGE"]);
    assert_eq!(changes.len(), 2);
}

/// 3,906 a head for two is 7,812: at that income nothing is due, a fen below something is.
#[test]
fn a_change_of_money_is_told_to_the_fen() {
    let (entitled, changes) = asked("gap", [number(2), None, None, number(9_000), None]);
    assert_eq!(
        (entitled.status, entitled.amount_fen, codes(&entitled)),
        (Verdict::NotEntitled, Some(0), vec!["NOTHING_DUE"])
    );
    // Nobody changes how many they are.
    assert_eq!(changes, [("income".to_owned(), "7811.99".to_owned())]);
}

#[test]
fn what_is_required_comes_first() {
    let known = |stage: Option<Value>| [number(3), yes(false), None, None, stage];
    let (entitled, _) = asked("study", known(Some(Value::None)));
    assert_eq!(codes(&entitled), ["NOT_ENROLLED"]);
    let (entitled, changes) = asked("study", known(Some(Value::Word("primary".into()))));
    assert_eq!(codes(&entitled), ["NOT_REGISTERED", "NOT_COVERED"]);
    let expected = [("registered", "true"), ("stage_of_study", "junior_college")];
    assert_eq!(
        changes,
        expected.map(|(name, to)| (name.to_owned(), to.to_owned()))
    );
}

#[test]
fn how_it_is_asked_is_checked() {
    let problem = |from: &str, to: &str| {
        let text = PACK.replace(from, to);
        assert_ne!(text, PACK);
        let read = read_pack_asking("trial.yaml", &text, &vocabulary());
        read.expect_err("a problem").to_string()
    };
    assert_eq!(
        problem("from: { annual_income: income }", "from: {}"),
        "trial.yaml:37:5: no `annual_income` is known of households: say in `from` what it is"
    );
    assert_eq!(
        problem("annual_income: income }", "annual_income: registered }"),
        "trial.yaml:38:30: `annual_income` is yuan, this is yes or no"
    );
    assert_eq!(
        problem(
            "      amount: annual\n      period: year\n  gap",
            "      amount: refused\n      period: year\n  gap"
        ),
        "trial.yaml:24:15: expected yuan, this is list of word"
    );
    assert_eq!(
        problem("pay_by: 11-30", "pay_by: 11-31"),
        "trial.yaml:63:15: expected month and day, such as 11-30"
    );
}
