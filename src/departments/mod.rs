//! The register: the only file that names all departments. A new one is a folder, its tables and one word here.

use crate::{
    authz::{InstitutionLink, SliceField},
    corrections,
    db::{BadCell, Reads},
    demo::{DemoError, Demonstration},
    entitlement,
    facts::FactSource,
    files::{Export, Import},
    graphql::{
        node::{EntityKey, Keyed, Names, NodeKind},
        plan::{Described, Object, Planner, Refusal, RootQuery, RowReader, Rows, Selected, Write},
    },
    history,
    household::{
        self, HouseholdBasicsFilter, HouseholdCore, MoreTotals, PersonCore, TotalsCore, TotalsOf,
    },
    jobs,
    reconciliation::{self, Recomputed},
    room::{HouseholdConditions, PrintedPage, Room, SensitiveColumn},
    writing::Correctable,
};
use async_graphql::{InputObject, MergedObject};
use entity::codes::{Department, NamedList};

/// Composes the graph from the rooms' parts.
macro_rules! departments {
    ($($room:ident),+ $(,)?) => {
        $( pub mod $room; )+

        /// A rural household (农户): the unit of targeted poverty alleviation, in which the departments' slices join.
        #[derive(MergedObject)]
        pub struct Household(HouseholdCore, reconciliation::OnHousehold, history::OnHousehold, corrections::OnHousehold, entitlement::OnHousehold, entitlement::SavedOnHousehold $(, $room::OnHousehold)+);

        /// A person as a member of a household (家庭成员), for the time of the membership.
        #[derive(MergedObject)]
        pub struct Person(PersonCore, entitlement::OnPerson $(, $room::OnPerson)+);

        /// The figures of a region on a day (统计). Households and persons count while their status is REGISTERED or RETURNED.
        #[derive(MergedObject)]
        pub struct RegionTotals(TotalsCore, MoreTotals, reconciliation::OnTotals $(, $room::OnTotals)+);

        impl RegionTotals {
            /// The figures of a region, of which the rooms count theirs when asked.
            #[must_use]
            pub fn of(core: TotalsCore, of: TotalsOf) -> Self {
                RegionTotals(core, of.into(), of.into() $(, <$room::OnTotals>::from(of))+)
            }
        }

        /// What can be asked of the rooms.
        #[derive(MergedObject, Default)]
        pub struct RoomsQuery($($room::Query),+);

        /// What can be done in the rooms.
        #[derive(MergedObject, Default)]
        pub struct RoomsMutation($($room::Mutation),+);

        /// Conditions on a list of households (农户筛选); all given ones must hold. A condition on what you may not read is
        /// refused.
        #[derive(InputObject, Default)]
        pub struct HouseholdFilter {
            #[graphql(flatten)]
            basics: HouseholdBasicsFilter,
            $(
                /// Conditions on the slices of this department (部门条件).
                $room: Option<$room::HouseholdFilter>,
            )+
        }

        impl HouseholdFilter {
            /// The conditions on what the household room itself keeps.
            pub fn basics(&self) -> &HouseholdBasicsFilter {
                &self.basics
            }
        }

        impl HouseholdConditions for HouseholdFilter {
            fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
                self.basics.restrict(reads, query)?;
                $(
                    if let Some(filter) = &self.$room {
                        filter.restrict(reads, query)?;
                    }
                )+
                Ok(())
            }
        }

        composed!(Household = HouseholdCore, reconciliation::OnHousehold, history::OnHousehold, corrections::OnHousehold, entitlement::OnHousehold, entitlement::SavedOnHousehold $(, $room::OnHousehold)+);
        composed!(Person = PersonCore, entitlement::OnPerson $(, $room::OnPerson)+);

        /// The rooms' lines of the matrix, each with the room's name.
        pub fn matrices() -> Vec<(&'static str, &'static str)> {
            vec![$( (<$room::Room as Room>::NAME, <$room::Room as Room>::MATRIX) ),+]
        }

        /// The rooms' ties to institutions.
        pub fn links() -> Vec<InstitutionLink> {
            [$( <$room::Room as Room>::LINKS ),+].concat()
        }

        /// The parts of a household's file, each with the fields whose readers follow it.
        pub fn slices() -> Vec<SliceField> {
            [household::SLICES $(, <$room::Room as Room>::SLICES )+].concat()
        }

        /// Every object that can be asked by id.
        pub fn node_kinds() -> Vec<NodeKind> {
            let mut kinds = vec![NodeKind::of::<Household>(), NodeKind::of::<Person>()];
            kinds.extend(household::nodes());
            kinds.extend(reconciliation::nodes());
            kinds.extend(corrections::nodes());
            kinds.extend(entitlement::nodes());
            kinds.extend(jobs::nodes());
            $( kinds.extend(<$room::Room as Room>::nodes()); )+
            kinds
        }

        /// What all rooms print.
        pub fn pages() -> Vec<PrintedPage> {
            [$( <$room::Room as Room>::PAGES ),+].concat()
        }

        /// The checks of all rooms that hold records against what the rules come to.
        pub fn recomputed() -> Vec<Recomputed> {
            [$( <$room::Room as Room>::RECOMPUTED ),+].concat()
        }

        /// The files that are taken over.
        pub fn imports() -> Vec<Import> {
            [household::IMPORTS $(, <$room::Room as Room>::IMPORTS )+].concat()
        }

        /// The lists that go out as files.
        pub fn exports() -> Vec<Export> {
            [household::EXPORTS, reconciliation::EXPORTS $(, <$room::Room as Room>::EXPORTS )+].concat()
        }

        /// What all rooms state of households for the rules.
        pub fn facts() -> Vec<FactSource> {
            [household::FACTS $(, <$room::Room as Room>::FACTS )+].concat()
        }

        /// The columns of all rooms that leave masked.
        pub fn sensitive() -> Vec<SensitiveColumn> {
            let mut columns = household::sensitive();
            $( columns.extend(<$room::Room as Room>::sensitive()); )+
            columns
        }

        /// The tables of all rooms whose owner is asked to correct what others find wrong.
        pub fn corrections() -> Vec<Correctable> {
            let mut tables = household::corrections();
            $( tables.extend(<$room::Room as Room>::corrections()); )+
            tables
        }

        /// The code lists of all rooms.
        pub fn code_lists() -> Vec<NamedList> {
            let mut lists = household::code_lists();
            lists.extend(reconciliation::code_lists());
            $( lists.extend(<$room::Room as Room>::code_lists()); )+
            lists
        }

        /// Adds the rooms' rows of the demonstration: all grant, then who pays pays.
        ///
        /// # Errors
        /// The database gave no keys, or the vault refused.
        pub async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
            $(
                <$room::Room as Room>::demonstrate(demonstration).await?;
                demonstration.hand_over().await?;
            )+
            $(
                <$room::Room as Room>::pay(demonstration).await?;
                demonstration.hand_over().await?;
            )+
            Ok(())
        }

        /// How many fields each part adds to the merged objects, so that two rooms declaring one field are found.
        pub fn part_sizes() -> Vec<(&'static str, usize)> {
            vec![
                ("Household", field_count::<HouseholdCore>() + field_count::<reconciliation::OnHousehold>() + field_count::<history::OnHousehold>() + field_count::<corrections::OnHousehold>() + field_count::<entitlement::OnHousehold>() + field_count::<entitlement::SavedOnHousehold>() $( + field_count::<$room::OnHousehold>() )+),
                ("Person", field_count::<PersonCore>() + field_count::<entitlement::OnPerson>() $( + field_count::<$room::OnPerson>() )+),
                ("RegionTotals", field_count::<TotalsCore>() + field_count::<MoreTotals>() + field_count::<reconciliation::OnTotals>() $( + field_count::<$room::OnTotals>() )+),
            ]
        }

        /// How many fields the rooms' parts of the query root declare.
        pub fn rooms_query_size() -> usize {
            0 $( + field_count::<$room::Query>() )+
        }

        /// How many fields the rooms' parts of the mutation root declare.
        pub fn rooms_mutation_size() -> usize {
            0 $( + field_count::<$room::Mutation>() )+
        }
    };
}

/// An object of parts is planned and decoded by its parts.
macro_rules! composed {
    ($object:ident = $core:ident $(, $room:ident :: $part:ident)+) => {
        impl Object for $object {
            fn plan(field: &Selected<'_>, planner: &mut Planner<'_>) -> Option<Write> {
                <$core as Object>::plan(field, planner)
                    $( .or_else(|| <$room::$part as Object>::plan(field, planner)) )+
            }
            fn columns(into: &mut Vec<&'static str>) {
                <$core as Object>::columns(into);
                $( <$room::$part as Object>::columns(into); )+
            }
            fn decode(row: &mut RowReader<'_>) -> Result<Self, BadCell> {
                Ok($object(
                    <$core as Object>::decode(row)?
                    $( , <$room::$part as Object>::decode(row)? )+
                ))
            }
            fn describe(into: &mut Described) {
                <$core as Object>::describe(into);
                $( <$room::$part as Object>::describe(into); )+
            }
        }

        impl Rows for $object {
            const FROM: &'static str = <$core as Rows>::FROM;
            const HOUSEHOLD: &'static str = <$core as Rows>::HOUSEHOLD;
            const PARENT: &'static str = <$core as Rows>::PARENT;
            const KEY: &'static str = <$core as Rows>::KEY;
            const ORDER: &'static str = <$core as Rows>::ORDER;
            const REGION: &'static str = <$core as Rows>::REGION;
            const BOUNDS: &'static [(Department, &'static str)] = <$core as Rows>::BOUNDS;
            const LINKED: Option<&'static str> = <$core as Rows>::LINKED;
        }

        impl Keyed for $object {
            fn key(&self) -> i64 {
                self.0.key()
            }
        }
    };
}

/// By what other graphs name our objects: every node by its id, and the keys that the household room adds.
pub fn entity_keys() -> Vec<EntityKey> {
    let by_id = |kind| EntityKey {
        kind,
        field: "id",
        names: Names::Id,
    };
    let mut keys: Vec<_> = node_kinds().into_iter().map(by_id).collect();
    keys.extend(household::entity_keys());
    keys
}

/// The fields that are null, not refused, for who may not read them.
pub fn described() -> Described {
    let mut described = Described::default();
    for kind in node_kinds() {
        (kind.describe)(&mut described);
    }
    described
}

/// How many fields an object type declares.
pub fn field_count<T: async_graphql::OutputType>() -> usize {
    let mut registry = async_graphql::registry::Registry::default();
    registry
        .create_fake_output_type::<T>()
        .fields()
        .map_or(0, async_graphql::indexmap::IndexMap::len)
}

departments! { civil_affairs, education, finance, health, housing }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authz::{Access, Policy, Roles, Viewer},
        changes,
        graphql::shape::SchemaShape,
        schema,
    };
    use entity::codes::Role;
    use std::{collections::BTreeSet, sync::Arc};

    fn shape() -> SchemaShape {
        SchemaShape::of_roots::<schema::Query, schema::Mutation, changes::Subscription>()
    }

    fn reader(department: Department) -> Access {
        let viewer = Viewer {
            user: "https://issuer.example|reader".into(),
            client: "test".into(),
            department,
            roles: Roles::of(&[Role::Reader]),
            region: (150_921_000_000, 150_921_999_999),
            institution: None,
            purpose: None,
        };
        let policy = Policy {
            matrix: schema::matrix().unwrap(),
            links: links(),
        };
        Access::new(Arc::new(viewer), Arc::new(policy))
    }

    #[test]
    fn the_schema_composes() {
        let shape = shape();
        for (room, _) in matrices() {
            let words = room
                .split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..]);
            let of_room = format!("Household{}", words.collect::<String>());
            let field = of_room.replacen("Household", "", 1);
            let field = field[..1].to_lowercase() + &field[1..];
            let found = shape.field("Household", &field);
            assert_eq!(found.map(|field| field.ty.as_str()), Some(of_room.as_str()));
        }
    }

    #[test]
    fn no_two_rooms_declare_one_field() {
        let shape = shape();
        for (object, parts) in part_sizes() {
            assert_eq!(shape.field_count(object), parts, "{object}");
        }
        assert_eq!(field_count::<RoomsQuery>(), rooms_query_size());
    }

    #[test]
    fn every_field_has_its_line() {
        assert_eq!(schema::matrix().err(), None);
    }

    #[test]
    fn what_is_null_rather_than_refused_is_in_the_schema_and_may_be_null() {
        let shape = shape();
        for (type_name, field) in described().guarded {
            let found = shape.field(type_name, field).map(|field| field.ty.as_str());
            assert!(
                found.is_some_and(|ty| !ty.ends_with('!')),
                "{type_name}.{field}: {found:?}"
            );
        }
    }

    #[test]
    fn nodes_are_what_has_an_id() {
        let kinds = node_kinds();
        let nodes: BTreeSet<_> = kinds
            .iter()
            .map(|kind| (kind.type_name)().into_owned())
            .collect();
        assert_eq!(nodes.len(), kinds.len(), "a kind of node is there twice");
        let with_id: BTreeSet<_> = shape()
            .governed()
            .into_iter()
            .filter(|(name, fields)| name != "Node" && fields.contains("id"))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(nodes, with_id);
    }

    /// What is corrected by whoever made it, or follows from other records.
    const WITHOUT_OWNER: [&str; 24] = [
        "AccidentCase",
        "CollectiveIncome",
        "CorrectionRequest",
        "Finding",
        "FundAccount",
        "FundMovement",
        "HealthCard",
        "HelpVisit",
        "Homestead",
        "HousingArrangement",
        "InterestSubsidy",
        "Job",
        "MedicineDelivery",
        "MemberOffer",
        "Objection",
        "PaymentBatch",
        "Project",
        "ProjectBeneficiary",
        "Publicity",
        "RelocationProject",
        "RosterDecision",
        "SavedAnswer",
        "SupplementaryEnrolment",
        "VillagePost",
    ];

    #[test]
    fn every_record_has_an_owner_to_ask() {
        let owned: BTreeSet<_> = corrections()
            .iter()
            .map(|table| table.type_name.to_owned())
            .collect();
        let nodes = node_kinds().into_iter();
        let without: Vec<_> = nodes
            .map(|kind| (kind.type_name)().into_owned())
            .filter(|name| !owned.contains(name))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        assert_eq!(without, WITHOUT_OWNER);
    }

    #[test]
    fn what_takes_a_value_over_is_shown_in_plain() {
        let kinds = node_kinds();
        for table in corrections() {
            let mut described = Described::default();
            let kind = kinds.iter().find(|kind| kind.table == table.table);
            (kind.expect("a node").describe)(&mut described);
            let fields = &described.fields;
            let shown = |column: &str| {
                let mut own = fields.iter().filter(|field| field.owner == table.type_name);
                own.any(|field| field.column == format!("t.{column}"))
            };
            let hidden: Vec<_> = table
                .columns()
                .iter()
                .filter(|column| !shown(column))
                .collect();
            assert_eq!(hidden, [&""; 0], "{}", table.table);
            let sensitive = ["_mask", "_cipher", "_index"];
            for column in table.columns() {
                assert!(!sensitive.iter().any(|end| column.ends_with(end)));
            }
        }
    }

    #[test]
    fn every_list_is_enumerated_with_distinct_upper_case_words() {
        let lists = code_lists();
        let mut names: Vec<_> = lists.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), lists.len(), "a name is used twice");
        for (name, _, entries) in lists {
            let mut words: Vec<_> = entries.iter().map(|entry| entry.word).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), entries.len(), "{name} has a word twice");
            let upper = |word: &&str| {
                word.chars()
                    .all(|c| matches!(c, 'A'..='Z' | '0'..='9' | '_'))
            };
            assert!(words.iter().all(upper), "{name}: {words:?}");
        }
    }

    #[test]
    fn sensitive_values_are_for_few() {
        use Department::{
            Audit, Bank, Civil, Edu, Finance, Health, Helper, Household, Housing, Insurer, Medins,
            Poverty, Reloc, School, Township, Village,
        };
        let everyone = [
            Audit, Bank, Civil, Edu, Finance, Health, Helper, Household, Housing, Insurer, Medins,
            Poverty, Reloc, School, Township, Village,
        ];
        for (type_name, field, readers) in [
            ("Claim", "diagnosis", &[Audit, Health, Medins][..]),
            (
                "BankCard",
                "cardNumber",
                &[Audit, Bank, Finance, Household, Township],
            ),
            (
                "Payment",
                "amount",
                &[
                    Audit, Civil, Finance, Helper, Household, Poverty, Township, Village,
                ],
            ),
            (
                "HouseholdHealth",
                "enrolments",
                &[
                    Audit, Health, Helper, Household, Insurer, Medins, Poverty, Township, Village,
                ],
            ),
        ] {
            let allowed: Vec<_> = everyone
                .into_iter()
                .filter(|department| reader(*department).may_read(type_name, field))
                .collect();
            assert_eq!(allowed, readers, "{type_name}.{field}");
        }
    }
}
