// A client of Yihu over plain fetch. What is worth knowing: a request is refused as a whole (no data), or it is answered
// and single selections are null with an error that says why. Codes never change; messages are for people.
import type { TypedDocumentString } from './generated/graphql.js';

/** An error as the server tells it. */
export interface Fault {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; count?: number; argument?: string[]; requestId?: string };
}

export interface Answer<Data> {
  data: Data;
  /** What is null in the data although it may be there. */
  faults: Fault[];
}

/** A request that was not answered at all. */
export class Refused extends Error {
  readonly code: string;
  readonly requestId: string | undefined;

  constructor({ message, extensions }: Fault) {
    super(message);
    this.code = extensions.code;
    this.requestId = extensions.requestId;
  }
}

export interface Options {
  url: string;
  token: string;
  language?: 'zh' | 'en';
  /** Another `fetch`, where requests go another way. */
  fetch?: typeof fetch;
}

/** Codes of what passes by itself. The header Retry-After says when. */
const PASSING = new Set(['OVERLOADED', 'RATE_LIMITED']);

export class Yihu {
  constructor(private readonly options: Options) {}

  async ask<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    tries = 3,
  ): Promise<Answer<Data>> {
    const response = await (this.options.fetch ?? fetch)(this.options.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.options.token}`,
        accept: 'application/graphql-response+json, application/json;q=0.9',
        'accept-language': this.options.language ?? 'zh',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors = [] } = (await response.json()) as { data?: Data | null; errors?: Fault[] };
    if (data != null) return { data, faults: errors };
    const [first] = errors;
    if (!first) throw new Error(`no answer of Yihu: status ${response.status}`);
    if (PASSING.has(first.extensions.code) && tries > 1) {
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((done) => setTimeout(done, seconds * 1000));
      return this.ask(document, variables, tries - 1);
    }
    throw new Refused(first);
  }
}

/** Whether the field at this path is null because it is not for the viewer, not because nothing is recorded. */
export function isForbidden(faults: Fault[], ...path: string[]): boolean {
  return faults.some(
    (fault) => fault.extensions.code === 'FORBIDDEN' && path.every((step, index) => fault.path?.[index] === step),
  );
}
