// A certified OpenID Connect provider with made-up staff. Arguments: port, and our client as JSON.
import { Provider } from "oidc-provider";

const [port, client] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const staff = { imani: ["staff", "it"], jo: ["staff"], hedda: ["heads"] };
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [client],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "groups"] },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  async findAccount(_context, id) {
    return { accountId: id, claims: () => ({ sub: id, name: `${id} of the district`, groups: staff[id] ?? [] }) };
  },
});
provider.listen(port, "127.0.0.1", () => console.log("listening"));
