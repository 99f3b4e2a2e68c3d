//! Whom a row is about: found among those that exist for who sent the file, so that a row about somebody else's people learns
//! nothing.

use crate::{
    authz::Access,
    db::{DbError, Param, Reads},
    departments::{Household, Person},
    graphql::plan::{RootQuery, Rows},
    vault::{Kind, SensitiveText, Vault},
};
use std::collections::HashMap;

/// What a row says of whom it is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named<'r> {
    pub citizen_number: Option<&'r str>,
    pub name: Option<&'r str>,
    pub card_number: Option<&'r str>,
}

/// Who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Person {
        person: i64,
        household: i64,
        name: String,
    },
    /// A household by its card, where the row names nobody of it.
    Household(i64),
    Nobody,
    Several,
}

/// Finds persons and households for who sent a file.
pub(super) struct Locator<'s> {
    pub reads: &'s Reads,
    pub access: &'s Access,
    pub vault: &'s Vault,
}

impl Locator<'_> {
    /// The person or household of a row.
    pub(super) async fn find(&self, named: &Named<'_>) -> Result<Found, DbError> {
        match (named.citizen_number, named.name, named.card_number) {
            (Some(number), _, _) => self.by_number(number).await,
            (None, Some(name), Some(card)) => self.by_name(name, card).await,
            (None, None, Some(card)) => self.by_card(card).await,
            _ => Ok(Found::Nobody),
        }
    }

    async fn by_number(&self, number: &str) -> Result<Found, DbError> {
        let number = SensitiveText::new(Kind::CitizenNumber, number);
        let mut query = self.persons();
        let index = Param::Bytes(self.vault.index(&number).as_ref().into());
        query.equals("t.citizen_number_index", index);
        self.person(query).await
    }

    async fn by_name(&self, name: &str, card: &str) -> Result<Found, DbError> {
        let mut query = self.persons();
        query.equals("t.name", Param::Text(name.into()));
        let card = query.bind(Param::Text(card.into()));
        query.and(format!(
            "t.household_id IN (SELECT h.id FROM household h WHERE h.card_number = {card})"
        ));
        self.person(query).await
    }

    async fn by_card(&self, card: &str) -> Result<Found, DbError> {
        let mut query = RootQuery::scoped::<Household>(self.access);
        query.equals("t.card_number", Param::Text(card.into()));
        let select = format!("SELECT t.id FROM {}", <Household as Rows>::FROM);
        let mut session = self.reads.acquire().await?;
        let rows = session.one(query.statement(&select)).await?;
        Ok(match rows.first() {
            Some(row) => Found::Household(row.cell(0).int()?),
            None => Found::Nobody,
        })
    }

    /// The households of cards, as far as they exist for who sent the file.
    pub(super) async fn by_cards(&self, cards: &[String]) -> Result<HashMap<String, i64>, DbError> {
        let mut query = RootQuery::scoped::<Household>(self.access);
        query.limit = cards.len();
        query.any(self.reads, "t.card_number", Param::Texts(cards.into()));
        let select = format!(
            "SELECT t.card_number, t.id FROM {}",
            <Household as Rows>::FROM
        );
        let mut session = self.reads.acquire().await?;
        let rows = session.one(query.statement(&select)).await?;
        rows.iter()
            .map(|row| Ok((row.cell(0).text()?.to_owned(), row.cell(1).int()?)))
            .collect()
    }

    fn persons(&self) -> RootQuery {
        let mut query = RootQuery::scoped::<Person>(self.access);
        query.and("t.valid_to IS NULL");
        query.limit = 2;
        query
    }

    async fn person(&self, query: RootQuery) -> Result<Found, DbError> {
        let select = format!(
            "SELECT t.id, t.household_id, t.name FROM {}",
            <Person as Rows>::FROM
        );
        let mut session = self.reads.acquire().await?;
        let rows = session.one(query.statement(&select)).await?;
        Ok(match rows.as_slice() {
            [] => Found::Nobody,
            [row] => Found::Person {
                person: row.cell(0).int()?,
                household: row.cell(1).int()?,
                name: row.cell(2).text()?.to_owned(),
            },
            _ => Found::Several,
        })
    }
}
