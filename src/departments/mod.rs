//! The register: the only file that names all departments. A new one is a folder, its tables and one word here.

use crate::{
    authz::InstitutionLink,
    db::{BadCell, Reads},
    graphql::{
        node::{Keyed, NodeKind},
        plan::{Described, Object, Planner, Refusal, RootQuery, RowReader, Rows, Selected, Write},
    },
    household::{self, HouseholdBasicsFilter, HouseholdCore, PersonCore},
    room::{HouseholdConditions, Room},
};
use async_graphql::{InputObject, MergedObject};
use entity::codes::{Department, NamedList};

/// Composes the graph from the rooms' parts.
macro_rules! departments {
    ($($room:ident),+ $(,)?) => {
        $( pub mod $room; )+

        /// A rural household (农户): the unit of targeted poverty alleviation, in which the departments' slices join.
        #[derive(MergedObject)]
        pub struct Household(HouseholdCore $(, $room::OnHousehold)+);

        /// A person as a member of a household (家庭成员), for the time of the membership.
        #[derive(MergedObject)]
        pub struct Person(PersonCore $(, $room::OnPerson)+);

        /// What can be asked of the rooms.
        #[derive(MergedObject, Default)]
        pub struct RoomsQuery($($room::Query),+);

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
            /// The region asked for, if any.
            pub fn region(&self) -> Option<crate::graphql::scalars::RegionId> {
                self.basics.region()
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

        composed!(Household = HouseholdCore $(, $room::OnHousehold)+);
        composed!(Person = PersonCore $(, $room::OnPerson)+);

        /// The rooms' lines of the matrix, each with the room's name.
        pub fn matrices() -> Vec<(&'static str, &'static str)> {
            vec![$( (<$room::Room as Room>::NAME, <$room::Room as Room>::MATRIX) ),+]
        }

        /// The rooms' ties to institutions.
        pub fn links() -> Vec<InstitutionLink> {
            [$( <$room::Room as Room>::LINKS ),+].concat()
        }

        /// Every object that can be asked by id.
        pub fn node_kinds() -> Vec<NodeKind> {
            let mut kinds = vec![NodeKind::of::<Household>(), NodeKind::of::<Person>()];
            kinds.extend(household::nodes());
            $( kinds.extend(<$room::Room as Room>::nodes()); )+
            kinds
        }

        /// The code lists of all rooms.
        pub fn code_lists() -> Vec<NamedList> {
            let mut lists = household::code_lists();
            $( lists.extend(<$room::Room as Room>::code_lists()); )+
            lists
        }

        /// The fields that are null, not refused, for who may not read them.
        pub fn described() -> Described {
            let mut described = Described::default();
            <Household as Object>::describe(&mut described);
            <Person as Object>::describe(&mut described);
            $( <$room::Room as Room>::describe(&mut described); )+
            described
        }

        /// How many fields each part adds to the merged objects, so that two rooms declaring one field are found.
        pub fn part_sizes() -> Vec<(&'static str, usize)> {
            vec![
                ("Household", field_count::<HouseholdCore>() $( + field_count::<$room::OnHousehold>() )+),
                ("Person", field_count::<PersonCore>() $( + field_count::<$room::OnPerson>() )+),
            ]
        }

        /// How many fields the rooms' parts of the query root declare.
        pub fn rooms_query_size() -> usize {
            0 $( + field_count::<$room::Query>() )+
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

/// How many fields an object type declares.
pub fn field_count<T: async_graphql::OutputType>() -> usize {
    let mut registry = async_graphql::registry::Registry::default();
    registry
        .create_fake_output_type::<T>()
        .fields()
        .map_or(0, async_graphql::indexmap::IndexMap::len)
}

departments! { civil_affairs, health, education, housing, finance }
