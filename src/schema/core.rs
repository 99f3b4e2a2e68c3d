//! What is asked of the graph itself: who asks, the code lists, any object by id.

use super::node::{Node, fetch_nodes};
use crate::{
    authz::Access,
    departments,
    graphql::{
        plan::{Outcome, Refusal},
        scalars::RegionId,
    },
};
use async_graphql::{Context, ID, Object, SimpleObject};
use entity::{
    codes::{Department, NamedList, Role},
    region_code::RegionCode,
};

/// How many ids `nodes` takes.
const MOST_NODES: usize = 100;

/// Who asks and what they may do (当前用户).
pub struct ViewerInfo;

/// Who asks (当前用户), as the token says it.
#[Object(name = "Viewer")]
impl ViewerInfo {
    /// The user: issuer and subject of the token (用户标识).
    async fn user<'a>(&self, ctx: &Context<'a>) -> &'a str {
        &ctx.data_unchecked::<Access>().viewer.user
    }
    /// The department (部门).
    async fn department(&self, ctx: &Context<'_>) -> Department {
        ctx.data_unchecked::<Access>().viewer.department
    }
    /// The roles (角色).
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        ctx.data_unchecked::<Access>().viewer.roles.to_vec()
    }
    /// The region everything is read in (数据范围). Null for the whole country and for institutions.
    async fn region_code(&self, ctx: &Context<'_>) -> Option<RegionId> {
        let access = ctx.data_unchecked::<Access>();
        let code = RegionCode::try_from(access.viewer.region.0).ok()?;
        (code.range() == access.viewer.region).then_some(RegionId(code))
    }
    /// The institution (机构代码), for a school, a bank or an insurer.
    async fn institution<'a>(&self, ctx: &Context<'a>) -> Option<&'a str> {
        ctx.data_unchecked::<Access>().viewer.institution.as_deref()
    }
    /// What may be read, type by type (权限).
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<Permission> {
        let access = ctx.data_unchecked::<Access>();
        access
            .matrix()
            .readable(access.rights())
            .map(|(type_name, fields)| Permission { type_name, fields })
            .collect()
    }
}

/// What may be read of a type (权限).
#[derive(SimpleObject)]
pub struct Permission {
    /// The GraphQL type (类型).
    #[graphql(name = "type")]
    type_name: String,
    /// The fields of it that may be read (可读字段).
    fields: Vec<String>,
}

/// A code list (代码表): the values of an enum.
pub struct CodeListInfo(NamedList);

/// A code list (代码表): an enum with its labels.
#[Object(name = "CodeList")]
impl CodeListInfo {
    /// The name of the GraphQL enum (名称).
    async fn name(&self) -> &str {
        self.0.0
    }
    /// The Chinese name (中文名称).
    async fn chinese(&self) -> &str {
        self.0.1
    }
    /// The values, in their order (代码项).
    async fn values(&self) -> Vec<CodeValue> {
        self.0
            .2
            .iter()
            .enumerate()
            .map(|(order, entry)| CodeValue {
                code: entry.word.to_owned(),
                chinese: entry.chinese.to_owned(),
                english: entry.english.to_owned(),
                national_code: entry.national_code.map(ToOwned::to_owned),
                order: order.try_into().unwrap_or(i32::MAX),
            })
            .collect()
    }
}

/// A value of a code list (代码项).
#[derive(SimpleObject)]
pub struct CodeValue {
    /// The word of the API (代码).
    code: String,
    /// The Chinese label (中文标签).
    chinese: String,
    /// The English label (英文标签).
    english: String,
    /// The code of the national standard (国标代码), where there is one.
    national_code: Option<String>,
    /// The place in the list, from 0 (顺序).
    order: i32,
}

#[derive(Default)]
pub struct CoreQuery;

#[Object]
impl CoreQuery {
    /// Who asks and what they may do (当前用户及权限).
    async fn viewer(&self) -> ViewerInfo {
        ViewerInfo
    }

    /// The code lists (代码表): every enum with its labels. About fifty.
    async fn code_lists(
        &self,
        #[graphql(desc = "Only the lists of these names (名称).")] names: Option<Vec<String>>,
    ) -> Vec<CodeListInfo> {
        let wanted = |name: &str| {
            names
                .as_ref()
                .is_none_or(|names| names.iter().any(|n| n == name))
        };
        departments::code_lists()
            .into_iter()
            .filter(|list| wanted(list.0))
            .map(CodeListInfo)
            .collect()
    }

    /// An object by its global id (节点). Null where nothing of that id exists for you.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id (全局编号).")] id: ID,
    ) -> Outcome<Node> {
        fetch_nodes(ctx, "id", &[id.0])
            .await
            .map(|mut nodes| nodes.pop().flatten())
            .into()
    }

    /// Objects by their global ids, in the order of the ids (节点列表). Null where nothing of that id exists for you. At most
    /// 100.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids (全局编号), at most 100.")] ids: Vec<ID>,
    ) -> Outcome<Vec<Option<Node>>> {
        nodes(ctx, ids).await.into()
    }
}

async fn nodes(ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>, Refusal> {
    if ids.len() > MOST_NODES {
        return Err(Refusal::argument(
            "TOO_MANY_IDS",
            &["ids"],
            format!("一次最多查询 {MOST_NODES} 个编号。"),
            format!("At most {MOST_NODES} ids at once."),
        ));
    }
    let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
    fetch_nodes(ctx, "ids", &ids).await
}
