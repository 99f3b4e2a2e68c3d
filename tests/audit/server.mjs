// Which server to audit, and as whom: YIHU_URL; YIHU_TOKEN, or a token of the demonstration.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const origin = new URL(process.env.YIHU_URL ?? 'http://127.0.0.1:8000').origin;

export const program = process.env.YIHU ?? fileURLToPath(new URL('../../target/debug/yihu', import.meta.url));
export const token =
  process.env.YIHU_TOKEN ??
  execFileSync(program, ['token', '--department', 'CIVIL', '--region', '150921', '--role', 'CLERK'], {
    encoding: 'utf8',
  }).trim();
