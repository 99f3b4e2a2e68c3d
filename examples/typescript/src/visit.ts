// A helper's phone in a village without a network: a visit is written down, and sent until an answer comes. Its number is
// chosen when it is written down, so that it is recorded once however often it is sent.
import { OwnHouseholdsDocument, SendVisitDocument, type SendVisitMutationVariables, VisitsDocument } from './generated/graphql.js';
import { Refused, Yihu } from './yihu.js';

const { YIHU_URL = 'http://127.0.0.1:8000/graphql', YIHU_TOKEN } = process.env;
/** How many answers are lost on the way: the server has done what was asked, and the phone does not know. */
const LOST = 2;

/** A network that takes every request, and loses the first answers. */
function lossy(answers: string[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    answers.push(await response.clone().text());
    if (answers.length <= LOST) throw new TypeError('the connection is gone');
    return response;
  };
}

/** What waits to be sent. A real phone keeps it on its disk. */
class Outbox {
  private readonly waiting: SendVisitMutationVariables[] = [];

  write(visit: SendVisitMutationVariables['visit']): void {
    this.waiting.push({ requestId: crypto.randomUUID(), visit });
  }

  /** Sends what waits, in its order; ends where the network does. Answers how much was taken. */
  async send(yihu: Yihu): Promise<number> {
    let taken = 0;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      try {
        const { visitRecord } = (await yihu.ask(SendVisitDocument, next)).data;
        // A mistake is shown to the helper, and is not sent again as it is.
        for (const { message } of visitRecord?.userErrors ?? []) console.log(message);
      } catch (error) {
        if (error instanceof Refused) throw error;
        return taken;
      }
      this.waiting.shift();
      taken += 1;
    }
    return taken;
  }
}

async function main(): Promise<void> {
  if (!YIHU_TOKEN) throw new Error('YIHU_TOKEN is missing: see README.md');
  const at = { url: YIHU_URL, token: YIHU_TOKEN };
  const office = new Yihu(at);
  const household = (await office.ask(OwnHouseholdsDocument, {})).data.households?.nodes[0];
  if (!household) throw new Error('no household is linked to this user');
  const what = `入户走访 ${crypto.randomUUID()}`;
  const outbox = new Outbox();
  const visitedOn = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  outbox.write({ householdId: household.id, visitedOn, way: 'ON_SPOT', visitor: '王海', what, result: null, nextStep: null });

  const answers: string[] = [];
  const village = new Yihu({ ...at, fetch: lossy(answers) });
  while ((await outbox.send(village)) === 0) console.log('没有回音，稍后再寄');

  const { household: file } = (await office.ask(VisitsDocument, { id: household.id })).data;
  const recorded = file?.help?.visits?.filter((visit) => visit.what === what).length;
  console.log(`${household.cardNumber} ${household.headName}：寄出 ${answers.length} 次，记录 ${recorded} 次，回音 ${new Set(answers).size} 种`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
