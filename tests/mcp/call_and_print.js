// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// What both clients do alike: read the arguments, connect, call, print, leave. With the tool
// "tools/list" the list is printed. Fails with status 1 and the reason on stderr.
export async function callAndPrint(client, Transport) {
  const [url, tool, text = '{}'] = process.argv.slice(2);
  if (!url || !tool) {
    console.error('usage: node <script> URL TOOL [JSON-ARGUMENTS]');
    process.exit(2);
  }
  const token = process.env.SCANHOST_TOKEN;
  const headers = token ? {Authorization: `Bearer ${token}`} : {};
  const transport = new Transport(new URL(url), {requestInit: {headers}});
  try {
    await client.connect(transport);
    const result = tool === 'tools/list' ?
        await client.listTools() :
        await client.callTool({name: tool, arguments: JSON.parse(text)});
    console.log(JSON.stringify(result));
  } catch (error) {
    console.error(String(error));
    process.exitCode = 1;
  } finally {
    await transport.terminateSession?.().catch(() => {});
    await client.close();
  }
}
