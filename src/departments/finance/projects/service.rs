//! The rules of funds. No more is spent than was received: the table refuses it.

use super::mutation::FundReceiveInput;
use crate::{
    graphql::plan::Refusal,
    writing::{Done, Door, INVALID_VALUE, Mistakes, Stop},
};
use ::entity::finance::{codes::FundMovementKind, fund_account, fund_movement};
use async_graphql::ID;

/// Records that funds have arrived.
pub async fn receive(
    door: Door,
    id: &ID,
    version: i32,
    input: &FundReceiveInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<fund_account::Entity>(id, version, &["id"])
        .await?;
    // Whoever stands above sees the account and does not keep it.
    if door.access().viewer.region.0 != before.region_code {
        return Err(Refusal::new(
            "FORBIDDEN",
            "资金台账由所属地区的财政部门登记：请使用该地区账号。",
            "An account is kept by the finance bureau of its own region: use an account of that region.",
        )
        .into());
    }
    let (mut mistakes, day) = (Mistakes::default(), input.received_on.0);
    let (path, amount) = (&["input", "amount"], input.amount.0);
    mistakes.positive(amount, path);
    let sum = before.received_fen.checked_add(amount);
    mistakes.unless(sum.is_some(), &INVALID_VALUE, path);
    mistakes.not_in_future(day, door.today(), &["input", "receivedOn"]);
    mistakes.text(&input.purpose, 200, &["input", "purpose"]);
    if let Some(number) = &input.document_number {
        mistakes.text(number, 60, &["input", "documentNumber"]);
    }
    mistakes.none()?;
    let movement = fund_movement::Model {
        id: door.new_key::<fund_movement::Entity>().await?,
        region_code: before.region_code,
        county_code: before.county_code,
        fund_account_id: before.id,
        kind: FundMovementKind::Receipt,
        amount_fen: amount,
        moved_on: day,
        document_number: input
            .document_number
            .as_ref()
            .map(|number| number.trim().to_owned()),
        purpose: input.purpose.trim().to_owned(),
        project_id: None,
        recorded_at_ms: door.now_ms(),
    };
    door.insert::<fund_movement::Entity>(movement).await?;
    let mut after = before.clone();
    after.received_fen = sum.unwrap_or(before.received_fen);
    let after = door.update::<fund_account::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}
