// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// How many empty jobs a second BullMQ adds and processes, so many in flight at a time:
//
//   node throughput.js PORT IN_FLIGHT JOBS
//
// Prints the number alone. A job counts when its worker is done with it; with one in flight the next
// is added then.
import {Queue, Worker} from 'bullmq';

const [port, inFlight, jobs] = process.argv.slice(2).map(Number);
const connection = {host: '127.0.0.1', port};
const name = `scans-${process.pid}`;
const data = {name: 'LAN', targets: '10.0.0.0/24', scan_type: 'untrusted'};

const queue = new Queue(name, {connection});
const worker = new Worker(name, async () => {}, {connection, concurrency: inFlight});
await queue.waitUntilReady();
await worker.waitUntilReady();

let added = 0;
let done = 0;
const add = () => {
  added += 1;
  queue.add('scan', data).catch(fail);
};
const fail = (error) => {
  console.error(error);
  process.exit(1);
};
worker.on('error', fail);
worker.on('failed', (job, error) => fail(error));

/// Runs until `count` more jobs are done; the seconds that took.
const run = (count) => new Promise((resolve) => {
  const began = process.hrtime.bigint();
  const last = done + count;
  const limit = added + count;
  worker.removeAllListeners('completed');
  worker.on('completed', () => {
    done += 1;
    if (added < limit) add();
    if (done === last) resolve(Number(process.hrtime.bigint() - began) / 1e9);
  });
  for (let i = 0; i < Math.min(inFlight, count); i += 1) add();
});

await run(Math.ceil(jobs / 5));
const seconds = await run(jobs);
console.log((jobs / seconds).toFixed(1));
await worker.close();
await queue.close();
process.exit(0);
