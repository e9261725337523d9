// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the official conformance suite against a server and judges what it found:
//
//     node conformance.mjs http://127.0.0.1:8835/mcp 2026-07-28 [--product] [SCENARIO...]
//
// Everything that the suite runs for the revision must pass, what it does not score included, and a
// warning counts as a failure. With --product only what a server without the suite's fixtures can
// pass is judged. SCENARIO narrows what is judged and printed. Exits 1 when something failed.
import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const suite = fileURLToPath(
    new URL('node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));

// How many scenarios apply to a revision, so that one which vanishes is noticed. The suite holds a
// frozen set of requirements for the last two.
const applicable = {'2025-03-26': 1, '2025-06-18': 27, '2025-11-25': 33, '2026-07-28': 50};
const frozen = ['2025-11-25', '2026-07-28'];

// What a server without the suite's fixtures can pass. (http-custom-header-server-validation is not
// among it, for no operation of the service wants one of its arguments in a header.)
const withoutFixtures = {
  '2025-11-25': [
    'server-initialize', 'server-session-lifecycle', 'logging-set-level', 'ping', 'tools-list',
    'server-sse-multiple-streams', 'resources-list', 'resources-subscribe', 'resources-unsubscribe',
    'prompts-list', 'dns-rebinding-protection',
  ],
  '2026-07-28': [
    'server-stateless', 'tools-list', 'server-sse-multiple-streams', 'resources-list',
    'sep-2164-resource-not-found', 'prompts-list', 'dns-rebinding-protection', 'caching',
    'input-required-result-unsupported-methods', 'input-required-result-validate-input',
    'http-header-validation', 'http-custom-header-server-validation',
  ],
};
// Without a fixture that changes a list, the suite has nothing to ask and warns instead.
const needsFixture = (check) =>
    check.details?.untestable || /-list-changed-on-subscription$/.test(check.id);

// The suite only remarks on these when they are not exercised at all.
const mustSucceed = {
  'server-sse-polling':
      ['server-sse-priming-event', 'server-sse-retry-field', 'server-sse-disconnect-resume'],
};
const alwaysSkipped = ['tasks-status-notifications'];

function runSuite(url, revision, folder) {
  const set = frozen.includes(revision) ? ['--requirements', revision] :
                                          ['--suite', 'all', '--spec-version', revision];
  const words = [suite, 'server', '--url', url, ...set, '--output-dir', folder];
  return new Promise((resolve) => {
    execFile(process.execPath, words, {maxBuffer: 1 << 26},
             (error, out, err) => resolve(`${out}${err}${error?.killed ? error : ''}`));
  });
}

/// Folders are named server-<scenario>-<time>. A scenario that broke off leaves its folder empty.
function readScenarios(folder) {
  return readdirSync(folder).map((name) => {
    const checks = join(folder, name, 'checks.json');
    return {
      name: name.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, ''),
      checks: existsSync(checks) ? JSON.parse(readFileSync(checks, 'utf8')) : [],
    };
  });
}

function complaints({name, checks}, product) {
  const bad = checks.filter(({status}) => status === 'FAILURE' || status === 'WARNING')
                  .filter((check) => !product || !needsFixture(check))
                  .map((check) => `${check.status} ${check.id} ${check.name}: ` +
                           `${check.errorMessage ?? check.description}`);
  const succeeded = checks.filter(({status}) => status === 'SUCCESS').map(({id}) => id);
  for (const id of mustSucceed[name] ?? [])
    if (!succeeded.includes(id)) bad.push(`${id} was not exercised`);
  if (succeeded.every((id) => id === 'wire-schema-valid') && !alwaysSkipped.includes(name))
    bad.push('nothing was exercised');
  return bad;
}

const words = process.argv.slice(2).filter((word) => word !== '--product');
const product = process.argv.includes('--product');
const [url, revision, ...only] = words;
if (!url || !(revision in (product ? withoutFixtures : applicable))) {
  console.error('usage: node conformance.mjs URL REVISION [--product] [SCENARIO...]');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
try {
  const log = await runSuite(url, revision, folder);
  const scenarios = readScenarios(folder);
  let failed = 0;
  if (scenarios.length !== applicable[revision]) {
    console.log(`${scenarios.length} scenarios ran, not ${applicable[revision]}; the suite said:\n`,
                log.slice(-4000));
    failed = 1;
  }
  const judged = product ? withoutFixtures[revision] : scenarios.map(({name}) => name);
  for (const scenario of scenarios.sort((a, b) => a.name.localeCompare(b.name))) {
    if (!judged.includes(scenario.name) || only.length && !only.includes(scenario.name)) continue;
    const bad = complaints(scenario, product);
    console.log(bad.length ? 'FAIL' : 'pass', scenario.name);
    for (const line of new Set(bad)) console.log(`     ${line.replace(/\s+/g, ' ').slice(0, 1000)}`);
    failed += bad.length ? 1 : 0;
  }
  process.exitCode = failed ? 1 : 0;
} finally {
  rmSync(folder, {recursive: true});
}
