// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// Does all that an official client can do, against a server with the fixture's operations:
//
//     node exercise.mjs sdk1 http http://127.0.0.1:8835/mcp
//
// The first word is the client: sdk1 (SDK 1.x), client2 (2.x, revision 2026-07-28) or client2-session
// (2.x, an earlier revision); the second its transport: http (Streamable HTTP) or sse (2024-11-05).
// One line for each exercise; exits 1 when one failed.
import assert from 'node:assert/strict';
import {setTimeout as sleep} from 'node:timers/promises';

const [clientName, transportName, url] = process.argv.slice(2);
const modern = clientName === 'client2';
const overSse = transportName === 'sse';
const capabilities = {elicitation: {}, sampling: {}, roots: {}};
const identity = {name: 'scanhost-exercise', version: '1'};

/// What both generations of the SDK do alike, by the same names.
async function connect() {
  const endpoint = new URL(url);
  if (clientName === 'sdk1') {
    const {Client} = await import('@modelcontextprotocol/sdk/client/index.js');
    const {StreamableHTTPClientTransport} = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const {SSEClientTransport} = await import('@modelcontextprotocol/sdk/client/sse.js');
    const types = await import('@modelcontextprotocol/sdk/types.js');
    const schemas = {
      'elicitation/create': types.ElicitRequestSchema,
      'sampling/createMessage': types.CreateMessageRequestSchema,
      'notifications/message': types.LoggingMessageNotificationSchema,
      'notifications/resources/updated': types.ResourceUpdatedNotificationSchema,
      'notifications/tools/list_changed': types.ToolListChangedNotificationSchema,
    };
    const client = new Client(identity, {capabilities});
    const transport = new (overSse ? SSEClientTransport : StreamableHTTPClientTransport)(endpoint);
    await client.connect(transport);
    return {
      client, transport,
      call: (params, options) => client.callTool(params, undefined, options),
      answers: (method, handler) => client.setRequestHandler(schemas[method], handler),
      hears: (method, handler) => client.setNotificationHandler(schemas[method], handler),
      revision: () => transport.protocolVersion ?? transport._protocolVersion,
    };
  }
  const {Client, StreamableHTTPClientTransport, SSEClientTransport} = await import('@modelcontextprotocol/client');
  const mode = modern ? {pin: '2026-07-28'} : 'legacy';
  const client = new Client(identity, {capabilities, versionNegotiation: {mode}});
  const transport = new (overSse ? SSEClientTransport : StreamableHTTPClientTransport)(endpoint);
  await client.connect(transport);
  return {
    client, transport,
    call: (params, options) => client.callTool(params, options),
    answers: (method, handler) => client.setRequestHandler(method, handler),
    hears: (method, handler) => client.setNotificationHandler(method, handler),
    revision: () => client.getNegotiatedProtocolVersion(),
  };
}

const textOf = (result) => result.content[0].text;

/// Resolves with the first notification of that method after `act`.
async function hearAfter({hears}, method, act) {
  let told;
  const heard = new Promise((resolve) => { told = resolve; });
  hears(method, ({params}) => told(params));
  await act();
  return Promise.race([heard, sleep(5000).then(() => assert.fail(`no ${method} came`))]);
}

const exercises = {
  async 'it learns who the server is'({client, revision}) {
    assert.equal(client.getServerVersion().name, 'scanhost');
    for (const one of ['tools', 'resources', 'prompts', 'completions'])
      assert.ok(client.getServerCapabilities()[one], one);
    assert.ok(client.getInstructions());
    if (modern) assert.equal(revision(), '2026-07-28');
    if (clientName === 'client2-session') assert.equal(revision(), '2025-11-25');
  },

  async 'it lists all there is'({client}) {
    const names = (await client.listTools()).tools.map(({name}) => name);
    for (const name of ['run_untrusted_scan', 'test_simple_text']) assert.ok(names.includes(name), name);
    const uris = (await client.listResources()).resources.map(({uri}) => uri);
    assert.ok(uris.includes('test://static-text'));
    const templates = (await client.listResourceTemplates()).resourceTemplates;
    assert.ok(templates.some(({uriTemplate}) => uriTemplate === 'test://template/{id}/data'));
    const prompts = (await client.listPrompts()).prompts.map(({name}) => name);
    assert.ok(prompts.includes('test_simple_prompt'));
  },

  async 'it calls and is told of progress'({call}) {
    assert.equal(textOf(await call({name: 'echo', arguments: {message: 'Grüße'}})), 'Grüße');
    assert.equal((await call({name: 'test_error_handling', arguments: {}})).isError, true);
    const told = [];
    await call({name: 'test_tool_with_progress', arguments: {}},
               {onprogress: ({progress, total}) => told.push(`${progress}/${total}`)});
    // What arrives together with the result, the clients pass over.
    assert.ok(told.length > 0);
    assert.deepEqual(told, ['0/100', '50/100', '100/100'].slice(0, told.length));
  },

  async 'it cancels a call and goes on'({call}) {
    const ended = new AbortController();
    const slow = call({name: 'test_reconnection', arguments: {}}, {signal: ended.signal});
    setTimeout(() => ended.abort('enough'), 100);
    await assert.rejects(slow);
    assert.equal(textOf(await call({name: 'echo', arguments: {message: 'on'}})), 'on');
  },

  async 'it answers questions'({call, answers}) {
    answers('elicitation/create', ({params}) => {
      assert.equal(params.message, 'Who?');
      return {action: 'accept', content: {username: 'alice', email: 'alice@example.com'}};
    });
    assert.match(textOf(await call({name: 'test_elicitation', arguments: {message: 'Who?'}})), /alice/);
    answers('elicitation/create', () => ({action: 'decline'}));
    assert.match(textOf(await call({name: 'test_elicitation', arguments: {message: 'Who?'}})), /decline/);
    answers('sampling/createMessage', ({params}) => ({
      role: 'assistant', model: 'none', content: {type: 'text', text: `You said ${params.messages[0].content.text}`},
    }));
    assert.equal(textOf(await call({name: 'test_sampling', arguments: {prompt: 'Hi'}})), 'LLM response: You said Hi');
  },

  async 'it reads resources'({client}) {
    const read = async (uri) => (await client.readResource({uri})).contents[0];
    assert.match((await read('test://static-text')).text, /static text/);
    assert.ok(Buffer.from((await read('test://static-binary')).blob, 'base64').includes('PNG'));
    assert.equal(JSON.parse((await read('test://template/x%20y/data')).text).templateTest, true);
    await assert.rejects(read('test://missing'), ({code}) => code === -32602 || code === -32002);
  },

  async 'it hears of a resource that changed'(one) {
    const uri = 'test://watched-resource';
    const subscription = modern ? await one.client.listen({resourceSubscriptions: [uri]}) :
                                  await one.client.subscribeResource({uri});
    const told = await hearAfter(one, 'notifications/resources/updated',
                                 () => one.call({name: 'touch_watched_resource', arguments: {}}));
    assert.equal(told.uri, uri);
    await (modern ? subscription.close() : one.client.unsubscribeResource({uri}));
  },

  async 'it hears of a list that changed'(one) {
    const subscription = modern && await one.client.listen({toolsListChanged: true});
    await hearAfter(one, 'notifications/tools/list_changed',
                    () => one.call({name: 'test_trigger_tool_change', arguments: {}}));
    if (modern) await subscription.close();
  },

  async 'it fills in prompts and completes their arguments'({client}) {
    const {messages} = await client.getPrompt(
        {name: 'test_prompt_with_arguments', arguments: {arg1: 'one', arg2: 'two'}});
    assert.match(messages[0].content.text, /'one'.*'two'/);
    const {completion} = await client.complete(
        {ref: {type: 'ref/prompt', name: 'test_prompt_with_arguments'}, argument: {name: 'arg1', value: 'par'}});
    assert.deepEqual(completion.values, ['paris', 'park', 'party']);
  },
};

if (!modern)
  exercises['it sets how much is logged'] = async (one) => {
    await one.client.setLoggingLevel('info');
    const told = await hearAfter(one, 'notifications/message',
                                 () => one.call({name: 'test_tool_with_logging', arguments: {}}));
    assert.equal(told.data, 'Tool execution started');
  };

// The server closes a stream that stays open for long; the client comes back for the answer.
if (!modern && !overSse)
  exercises['it comes back for an answer'] = async ({call}) => {
    assert.equal(textOf(await call({name: 'test_reconnection', arguments: {}})), 'You came back.');
  };

// Tasks by the official library for both generations of them.
if (clientName !== 'sdk1' && !overSse)
  exercises['it works with tasks'] = async ({client}) => {
    const {createTaskSessionFromClient, resultFromTaskOutcome, toolDeclarationFromMcpTool} =
        await import('@modelcontextprotocol/ext-tasks/client');
    const tool = (await client.listTools()).tools.find(({name}) => name === 'slow_compute');
    const session = createTaskSessionFromClient(client, {endpointId: 'test', ...(modern ? modernDispatch() : {})});
    try {
      const execution = await session.callTool(
          'slow_compute', {seconds: 1, label: 'sums'}, {declaration: toolDeclarationFromMcpTool(tool), task: {preference: 'prefer'}});
      assert.equal(execution.kind, 'task');
      const {outcome} = await execution.settle();
      assert.equal(textOf(resultFromTaskOutcome(outcome)), 'Computed sums');
    } finally {
      await session.close();
    }
  };

/// The library leaves it to its user to send what the SDK's own client knows nothing of.
function modernDispatch() {
  const framing = {
    protocolVersion: '2026-07-28',
    clientInfo: identity,
    clientCapabilities: {...capabilities, extensions: {'io.modelcontextprotocol/tasks': {}}},
  };
  let id = 0;
  const rawDispatch = async (request) => {
    const {name, taskId} = request.params;
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream',
        'MCP-Protocol-Version': framing.protocolVersion, 'Mcp-Method': request.method,
        ...(name ?? taskId ? {'Mcp-Name': name ?? taskId} : {}),
      },
      body: JSON.stringify({jsonrpc: '2.0', id: ++id, ...request}),
    });
    const {result, error} = await answer.json();
    return error ? {kind: 'error', error} : {kind: 'result', result};
  };
  return {rawDispatch, v2RequestFraming: framing};
}

let failed = 0;
const one = await connect();
for (const [what, exercise] of Object.entries(exercises)) {
  try {
    await exercise(one);
    console.log('pass', what);
  } catch (error) {
    console.log('FAIL', what, '\n', error);
    failed += 1;
  }
}
await one.transport.terminateSession?.().catch(() => {});
await one.client.close();
process.exit(failed ? 1 : 0);
