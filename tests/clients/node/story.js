// One of each call, through an official Node client: `story.js PACKAGE KEY ADDRESS`.
const { createRequire } = require("module");
const path = require("path");

const [name, key, address] = process.argv.slice(2);
const load = createRequire(path.join(process.cwd(), "package.json"));
const failures = [];

function segment() {
  const { Analytics } = load(name);
  const client = new Analytics({ writeKey: key, host: address });
  client.on("error", (error) => failures.push(error));
  return { client, finish: () => client.closeAndFlush() };
}

function rudderstack() {
  const Analytics = load(name);
  const client = new Analytics(key, {
    dataPlaneUrl: address,
    errorHandler: (error) => failures.push(error),
  });
  return { client, finish: () => client.flush() };
}

async function main() {
  const { client, finish } = name.startsWith("@segment") ? segment() : rudderstack();
  const userId = "u-1";
  client.identify({ userId, traits: { email: "anna@example.com", name: "Anna Berg" } });
  client.track({
    userId,
    anonymousId: "a-1",
    event: "Product Viewed",
    properties: { sku: "vinga-38", price: 1299.5, name: "Åre" },
    context: { locale: "sv-SE" },
    timestamp: new Date("2026-01-15T10:00:00.123Z"),
  });
  client.page({ userId, category: "Product", name: "Vinga", properties: { path: "/p/vinga" } });
  client.screen({ userId, category: "Account", name: "Orders", properties: { tab: 2 } });
  client.group({ userId, groupId: "berg-ab", traits: { plan: "staff" } });
  client.alias({ userId, previousId: "a-0" });
  await finish();
  console.log(load(`${name}/package.json`).version);
  if (failures.length) throw failures[0];
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
