//! Looking a person up by a full sensitive value: limited, recorded, and never more than the scope shows. And how sensitive
//! values are read that a client writes.

use super::store::{LookedUp, record_look_up};
use crate::{
    authz::Access,
    clock::Clock,
    db::{Class, Database, Param, Statement},
    graphql::plan::{Refusal, RootQuery, Rows, acquire, failed},
    identifiers::CitizenNumber,
    vault::{PhoneNumber, Vault},
    writing::{INVALID_VALUE, Mistake, Mistakes},
};
use async_graphql::Context;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many look-ups a user may make in a minute.
const PER_MINUTE: u32 = 30;

/// Counts the look-ups of each user in the minute at hand, refused ones too. Those of other instances are counted in the
/// access records.
#[derive(Default)]
pub struct LookUps(Mutex<(i64, HashMap<String, u32>)>);

impl LookUps {
    fn admit(&self, user: &str, minute: i64) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        let count = counts.1.entry(user.to_owned()).or_default();
        *count += 1;
        *count <= PER_MINUTE
    }
}

/// The look-ups that any instance has recorded of this user in the minute.
async fn recorded(ctx: &Context<'_>, user: &str, minute: i64) -> Result<i64, Refusal> {
    let sql = "SELECT count(*) FROM access_record WHERE user_id = $1 AND at_ms >= $2 AND action = 'LOOK_UP'";
    let params = vec![Param::Text(user.into()), Param::I64(minute * 60_000)];
    let statement = Statement::new(Class::ByScope, sql, params);
    let mut session = acquire(ctx).await?;
    let rows = session
        .one(statement)
        .await
        .map_err(|error| failed(&error))?;
    let count = rows.first().and_then(|row| row.cell(0).int().ok());
    count.ok_or_else(Refusal::internal)
}

/// A value to look up, known only by its blind index.
pub struct LookUp {
    index: Arc<[u8]>,
}

impl LookUp {
    /// The look-up of a citizen number.
    ///
    /// # Errors
    /// A number that is none, without repeating it; too many look-ups in a minute.
    pub async fn citizen_number(ctx: &Context<'_>, text: &str) -> Result<Self, Refusal> {
        let access = ctx.data_unchecked::<Access>();
        let clock = ctx.data_unchecked::<Clock>();
        let (user, minute) = (&access.viewer.user, clock.now_ms() / 60_000);
        let admitted = ctx.data_unchecked::<Arc<LookUps>>().admit(user, minute)
            && recorded(ctx, user, minute).await? < i64::from(PER_MINUTE);
        if !admitted {
            return Err(Refusal::new(
                "RATE_LIMITED",
                "按公民身份号码查询过于频繁，请一分钟后再试。",
                "Too many look-ups by citizen number: wait a minute.",
            ));
        }
        let number = CitizenNumber::parse(text, clock.today()).map_err(|_| {
            Refusal::argument(
                "INVALID_CITIZEN_NUMBER",
                &["citizenNumber"],
                "公民身份号码有误：请核对位数、出生日期和校验码。",
                "Not a citizen number: check its length, birth date and check character.",
            )
        })?;
        let index = ctx.data_unchecked::<Arc<Vault>>().index(&number);
        Ok(LookUp {
            index: index.as_ref().into(),
        })
    }

    #[must_use]
    pub fn index(&self) -> Param {
        Param::Bytes(self.index.clone())
    }

    /// Records who looked up what and whether it was found, before the answer leaves.
    ///
    /// # Errors
    /// The record could not be kept: then nothing is answered.
    pub async fn record<T: Rows>(
        &self,
        ctx: &Context<'_>,
        query: &RootQuery,
        column: &str,
    ) -> Result<(), Refusal> {
        let access = ctx.data_unchecked::<Access>();
        let household = query.first_key::<T>(ctx, column).await?;
        let at_ms = ctx.data_unchecked::<Clock>().now_ms();
        let look_up = LookedUp {
            viewer: &access.viewer,
            index: &self.index,
            household,
            at_ms,
        };
        record_look_up(ctx.data_unchecked::<Database>(), &look_up)
            .await
            .map_err(|error| failed(&error))
    }
}

/// A phone number that a client gives. What was masked before is none.
pub fn phone_number(
    text: Option<&str>,
    path: &[&str],
    mistakes: &mut Mistakes,
) -> Option<PhoneNumber> {
    let phone = PhoneNumber::parse(text?);
    if phone.is_err() {
        mistakes.add(Mistake::saying(
            &INVALID_VALUE,
            path,
            "须为完整的 11 位手机号码或 7 至 12 位固定电话号码，不能填写带星号的号码。",
            "This is a mobile number of 11 digits or one of the fixed network with 7 to 12, in full and without stars.",
        ));
    }
    phone.ok()
}
