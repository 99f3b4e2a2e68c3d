//! The sheet of a settled claim as a page to print (一站式结算单): what the patient signs and each payer files.
//!
//! The page shows what the graph gives to who asks, so what they may not read is not on it: civil affairs prints it without the
//! hospital. Templates escape everything.

use crate::room::PrintedPage;
use entity::{
    codes::{CodeList, Department, HospitalLevel},
    health::codes::{ClaimKind, ClaimStageKind},
};
use maud::{Markup, html};
use serde_json::Value as Json;

/// The sheet of a claim.
pub const PAGE: PrintedPage = PrintedPage {
    path: "/claims/{id}/sheet",
    title: "医疗费用一站式结算单",
    operation: "query ClaimSheet($id: ID!) { node(id: $id) { ... on Claim { \
        claimNumber kind hospital { name } hospitalLevel admittedOn dischargedOn totalCost eligibleCost registeredAtDischarge settledOn \
        person { name birthDate } household { cardNumber region { name parent { name parent { name } } } } \
        sheet { deductible reimbursed selfPayEligible selfPayTotal effectiveRatioPercent pack packHash marks } \
        stages { position stage payer insurerCode base paid } } } }",
    style: STYLE,
    body,
};

const STYLE: &str = "@page { size: A4; margin: 16mm } \
    body { font: 10.5pt/1.5 'Noto Serif CJK SC', SimSun, serif; color: #000; max-width: 178mm; margin: 0 auto } \
    h1 { font-size: 17pt; text-align: center; margin: 0 0 2mm } p { margin: 1mm 0 } \
    table { width: 100%; border-collapse: collapse; margin: 3mm 0 } \
    th, td { border: .3mm solid #000; padding: 1mm 2mm; text-align: left } th { font-weight: normal; background: #eee } \
    .sum { text-align: right; font-variant-numeric: tabular-nums } tfoot td { font-weight: bold } \
    thead { display: table-header-group } tr { break-inside: avoid } \
    .small { font-size: 8.5pt; overflow-wrap: anywhere } \
    .signed { display: flex; justify-content: space-between; margin-top: 12mm; break-inside: avoid }";

/// The page of what the operation gave; none where the claim has no sheet for who asks.
fn body(data: &Json) -> Option<String> {
    let claim = data.get("node").filter(|node| node.is_object())?;
    let sheet = claim.get("sheet").filter(|sheet| sheet.is_object())?;
    let page = html! {
        h1 { (PAGE.title) }
        (of_claim(claim))
        (of_stages(claim, sheet))
        (of_sums(claim, sheet))
        p.small {
            "单位：元。结算依据政策包 " (text(sheet, "pack")) "，指纹 " (text(sheet, "packHash")) "。"
            @if let Some(marks) = sheet["marks"].as_str() { "标注：" (mark(marks)) "。" }
        }
        div.signed {
            span { "经办人（签章）：" } span { "患者或家属（签字）：" } span { "日期：　　年　月　日" }
        }
    };
    Some(page.into_string())
}

/// Who was where, and when.
fn of_claim(claim: &Json) -> Markup {
    let household = &claim["household"];
    let registered = match claim["registeredAtDischarge"].as_bool() {
        Some(true) => "是",
        _ => "否",
    };
    html! {
        table {
            tr { th { "报销单号" } td { (text(claim, "claimNumber")) } th { "结算日期" } td { (text(claim, "settledOn")) } }
            tr { th { "患者" } td { (text(&claim["person"], "name")) } th { "出生日期" } td { (text(&claim["person"], "birthDate")) } }
            tr { th { "住址" } td { (place(&household["region"])) } th { "扶贫手册编号" } td { (text(household, "cardNumber")) } }
            tr {
                th { "就诊机构" } td { (text(&claim["hospital"], "name")) "（" (label::<HospitalLevel>(&claim["hospitalLevel"])) "）" }
                th { "出院时建档立卡" } td { (registered) }
            }
            tr {
                th { "报销类别" } td { (label::<ClaimKind>(&claim["kind"])) }
                th { "就诊日期" } td { (text(claim, "admittedOn")) " 至 " (text(claim, "dischargedOn")) }
            }
        }
    }
}

/// Who paid what of which base.
fn of_stages(claim: &Json, sheet: &Json) -> Markup {
    let stages = claim["stages"].as_array().map_or(&[][..], Vec::as_slice);
    html! {
        table {
            thead { tr { th { "序号" } th { "结算环节" } th { "支付部门" } th.sum { "计算基数" } th.sum { "支付金额" } } }
            tbody {
                @for stage in stages {
                    tr {
                        td { (stage["position"]) }
                        td { (label::<ClaimStageKind>(&stage["stage"])) }
                        td { (label::<Department>(&stage["payer"])) @if let Some(code) = stage["insurerCode"].as_str() { " " (code) } }
                        td.sum { (text(stage, "base")) }
                        td.sum { (text(stage, "paid")) }
                    }
                }
            }
            tfoot { tr { td colspan="4" { "报销合计" } td.sum { (text(sheet, "reimbursed")) } } }
        }
    }
}

/// What it comes to for the patient.
fn of_sums(claim: &Json, sheet: &Json) -> Markup {
    let ratio = match sheet["effectiveRatioPercent"].as_str() {
        Some(ratio) => format!("{ratio}%"),
        None => NOTHING.to_owned(),
    };
    html! {
        table {
            tr { th { "总费用" } td.sum { (text(claim, "totalCost")) } th { "其中合规费用" } td.sum { (text(claim, "eligibleCost")) } }
            tr { th { "起付线" } td.sum { (text(sheet, "deductible")) } th { "实际报销比例" } td.sum { (ratio) } }
            tr { th { "合规费用自付" } td.sum { (text(sheet, "selfPayEligible")) } th { "个人自付总额" } td.sum { (text(sheet, "selfPayTotal")) } }
        }
    }
}

/// What stands where nothing is recorded, or may not be read.
const NOTHING: &str = "—";

fn text<'j>(of: &'j Json, name: &str) -> &'j str {
    of[name].as_str().unwrap_or(NOTHING)
}

/// The Chinese label of a word.
fn label<C: CodeList>(word: &Json) -> &str {
    let known = word.as_str().and_then(C::of_word);
    known.map_or(NOTHING, |code| code.entry().chinese)
}

/// County, township and village.
fn place(village: &Json) -> String {
    let above = [&village["parent"]["parent"], &village["parent"], village];
    let names = above.map(|region| region["name"].as_str().unwrap_or_default());
    names.concat()
}

/// What the packs mark, in Chinese.
fn mark(marks: &str) -> String {
    marks.replace("assistance rate not configured", "医疗救助比例未配置")
}
