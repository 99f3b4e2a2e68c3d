// A clerk's page in a terminal: the households of a county, a page at a time, then one family with every slice.
import {
  FamilyDocument,
  type FamilyQuery,
  HouseholdsDocument,
  type HouseholdsQueryVariables,
  type LineFragment,
} from './generated/graphql.js';
import { type Answer, Refused, Yihu, isForbidden } from './yihu.js';

const { YIHU_URL = 'http://127.0.0.1:8000/graphql', YIHU_TOKEN, YIHU_REGION = '150921' } = process.env;
const PAGES = 3;

type Family = NonNullable<FamilyQuery['household']>;

async function* pages(yihu: Yihu): AsyncGenerator<LineFragment[]> {
  const variables: HouseholdsQueryVariables = { region: YIHU_REGION, first: 5 };
  for (;;) {
    const { households } = (await yihu.ask(HouseholdsDocument, variables)).data;
    yield households?.nodes ?? [];
    if (!households?.pageInfo.hasNextPage) return;
    variables.after = households.pageInfo.endCursor;
  }
}

function line({ cardNumber, headName, size, status, class: of, region }: LineFragment): string {
  return [cardNumber ?? '(candidate)     ', headName ?? '-', `${size} 人`, status, of ?? '-', region.name].join('  ');
}

/** What each slice of a family says, a line an item. */
const slices: [keyof Family, string, (family: Family) => (string | null | undefined)[]][] = [
  ['members', '家庭成员', ({ members }) => members?.map((of) => `${of.name} ${of.birthDate} ${of.relation}`) ?? []],
  ['income', '收入', ({ income }) => [income?.latest && `${income.latest.year}: ${income.latest.perCapitaNetIncome} 元/人`]],
  ['civilAffairs', '低保', ({ civilAffairs }) => [civilAffairs?.dibao && `${civilAffairs.dibao.class} ${civilAffairs.dibao.monthlyAmount} 元/月`]],
  ['education', '教育', ({ education }) => [
    ...(education?.enrolments ?? []).map((of) => `${of.person?.name} ${of.schoolYear} ${of.stage}`),
    ...(education?.rainDewApplications ?? []).map((of) => `雨露计划 ${of.schoolYear} ${of.state} ${of.amount ?? '-'} 元`),
  ]],
  ['health', '医疗', ({ health }) => (health?.claims ?? []).map((of) => `${of.kind} ${of.totalCost} 元，${of.stages.length} 次结算`)],
  ['housing', '住房', ({ housing }) => [
    housing?.house && `${housing.house.grade} 级 ${housing.house.area} m²`,
    ...(housing?.renovations ?? []).map((of) => `改造 ${of.year} ${of.state} ${of.subsidy ?? '-'} 元`),
  ]],
  ['finance', '财政、银行', ({ finance }) => [
    ...(finance?.payments ?? []).map((of) => `${of.programme} ${of.period} ${of.amount} 元 ${of.state}`),
    ...(finance?.loans ?? []).map((of) => `贷款 ${of.kind} 余额 ${of.balance} 元，${of.dueOn} 到期`),
  ]],
];

function print(family: Family, faults: Answer<FamilyQuery>['faults']): void {
  console.log(`\n${line(family)}`);
  for (const [name, label, say] of slices) {
    const said = say(family).filter((text) => text != null);
    const nothing = isForbidden(faults, 'household', name) ? '（无权查看）' : '（无记录）';
    console.log(`  ${label}：${said.length > 0 ? said.join('；') : nothing}`);
  }
}

async function main(): Promise<void> {
  if (!YIHU_TOKEN) throw new Error('YIHU_TOKEN is missing: see README.md');
  const yihu = new Yihu({ url: YIHU_URL, token: YIHU_TOKEN });
  let page = 0;
  let chosen: string | undefined;
  for await (const nodes of pages(yihu)) {
    console.log(`-- 第 ${(page += 1)} 页`);
    for (const household of nodes) console.log(line(household));
    chosen ??= nodes[0]?.id;
    if (page === PAGES) break;
  }
  if (chosen === undefined) return;
  const { data, faults } = await yihu.ask(FamilyDocument, { id: chosen });
  if (data.household) print(data.household, faults);
}

/** What a person can do about a refusal. */
function advice({ code, requestId }: Refused): string {
  switch (code) {
    case 'UNAUTHENTICATED':
      return '请重新登录。';
    case 'FORBIDDEN':
      return '您的部门没有这项权限。';
    case 'OVERLOADED':
    case 'RATE_LIMITED':
    case 'TIMEOUT':
      return '请稍后再试。';
    default:
      return `请把请求编号告诉管理员：${requestId ?? '无'}`;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Refused ? `${error.code}: ${error.message} ${advice(error)}` : error);
  process.exitCode = 1;
});
