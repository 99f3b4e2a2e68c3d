// Fastify with Mercurius and graphql-jit, hand-written resolvers and a loader a slice and request, over Yihu's tables.
import cluster from 'node:cluster';
import DataLoader from 'dataloader';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { adjust, changes, county, household, roll, slice, village } from './tables.mjs';

const SCHEMA = `
  scalar RegionCode scalar HouseholdStatus scalar PovertyCause scalar UUID scalar Date scalar Yuan scalar DibaoClass scalar Key
  type Region { code: Key! name: String! level: String! }
  type Enrolment { year: Int! category: String! premium: Key! premiumSubsidy: Key! paidOn: String }
  type RainDew { schoolYear: Int! stage: String! amount: Key state: String! }
  type PersonHealth { enrolments: [Enrolment!]! }
  type PersonEducation { rainDewApplications: [RainDew!]! }
  type Person { id: Key! name: String! citizenNumber: String sex: String! birthDate: String! relation: String!
    educationLevel: String healthStatus: String labourCapacity: String health: PersonHealth! education: PersonEducation! }
  type Dibao { id: Key! dibaoNumber: String! class: String! persons: Int! monthlyAmount: Key! state: String! approvedOn: String!
    validFrom: String! version: Int! household: Household }
  type Claim { id: Key! claimNumber: String! dischargedOn: String! totalCost: Key! eligibleCost: Key! state: String! }
  type House { grade: String! surveyedOn: String! }
  type Renovation { year: Int! solution: String! subsidy: Key state: String! }
  type Loan { id: Key! bankCode: String! principal: Key! rateBasisPoints: Int! dueOn: String! state: String! }
  type Payment { id: Key! department: String! programme: String! paidOn: String amount: Key! state: String! }
  type CivilAffairs { dibao: Dibao }
  type Health { claims: [Claim!]! }
  type Housing { house: House renovations: [Renovation!]! }
  type Finance { loans: [Loan!]! payments: [Payment!]! }
  type Household { id: Key! cardNumber: String headName: String status: String! mainCause: String size: Int! version: Int!
    updatedAt: Key! registeredOn: String region: Region! members: [Person!]! civilAffairs: CivilAffairs! health: Health!
    housing: Housing! finance: Finance! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Households { nodes: [Household!]! pageInfo: PageInfo! }
  type Grants { nodes: [Dibao!]! pageInfo: PageInfo! }
  type Change { slice: String! action: String! objectType: String! object: Key! household: Key region: Key! at: Key! }
  type Changes { entries: [Change!]! endCursor: String! hasMore: Boolean! }
  type Mistake { code: String! field: [String!]! message: String! }
  type Adjusted { changed: Dibao userErrors: [Mistake!]! }
  input HouseholdFilter { region: RegionCode! status: [HouseholdStatus!] mainCause: [PovertyCause!] }
  input DibaoFilter { region: RegionCode! }
  input DibaoAdjustInput { id: ID! version: Int! from: Date! class: DibaoClass! monthlyAmount: Yuan! }
  type Query {
    household(cardNumber: String!): Household
    households(first: Int!, filter: HouseholdFilter!): Households!
    dibaoRoll(first: Int!, filter: DibaoFilter!): Grants!
    changes(after: String!, region: RegionCode!, first: Int!): Changes!
  }
  type Mutation { dibaoAdjust(requestId: UUID!, input: DibaoAdjustInput!): Adjusted! }`;

const load = (context, name, key) =>
  ((context.loaders ??= {})[name] ??= new DataLoader((keys) => slice(name, keys))).load(key);
const below = (name) => (parent, _, context) => load(context, name, parent.id);
const itself = (parent) => parent;

const resolvers = {
  Query: {
    household: (_, { cardNumber }) => household(cardNumber),
    households: (_, { first, filter: { region, status, mainCause } }) =>
      status ? county(+region, status, mainCause, first) : village(+region, first),
    dibaoRoll: (_, { first, filter }) => roll(+filter.region, first),
    changes: (_, { after, region, first }) => changes(after, +region, first),
  },
  Mutation: { dibaoAdjust: (_, { requestId, input }) => adjust(requestId, { ...input, id: +input.id }) },
  Dibao: { household: (grant, _, context) => load(context, 'granted', grant.householdId) },
  Household: {
    region: (family, _, context) => load(context, 'region', family.regionCode),
    members: below('members'),
    civilAffairs: itself,
    health: itself,
    housing: itself,
    finance: itself,
  },
  Person: { health: itself, education: itself },
  PersonHealth: { enrolments: below('enrolments') },
  PersonEducation: { rainDewApplications: below('rainDew') },
  CivilAffairs: { dibao: below('dibao') },
  Health: { claims: below('claims') },
  Housing: { house: below('house'), renovations: below('renovations') },
  Finance: { loans: below('loans'), payments: below('payments') },
};

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  const app = Fastify();
  app.register(mercurius, { schema: SCHEMA, resolvers, jit: 1, graphiql: false, path: '/graphql' });
  await app.listen({ port: +process.env.PEER_PORT, host: '127.0.0.1' });
}
