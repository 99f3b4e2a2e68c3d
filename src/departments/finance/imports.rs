//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[Import {
    kind: "card",
    department: Department::Bank,
    mutation: "bankCardRegister",
    about: About::Nobody,
    together_by: &[],
    once_by: &["bank_card"],
    input: card,
    recorded: None,
    many: None,
}];

fn card(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "citizenNumber": row.get("citizen_number"),
        "cardNumber": row.get("bank_card"),
        "openedOn": row.get("valid_from"),
    })
}
