// A certified OpenID Connect client, openid-client, as a web application uses it.
// It prints one JSON line for each step; the test is the browser.
import { createServer } from "node:http"
import * as client from "openid-client"

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT, AUTHENTICATION, PKCE } = process.env
const redirectUri = `http://127.0.0.1:${PORT}/callback`
const say = (step, found = {}) => console.log(JSON.stringify({ step, ...found }))
const refusal = async (work) => {
  try {
    await work
    return "nothing"
  } catch (error) {
    return error.error ?? error.code ?? String(error)
  }
}

const means = { post: client.ClientSecretPost, basic: client.ClientSecretBasic }
const config = await client.discovery(
  new URL(ISSUER), CLIENT_ID, undefined, means[AUTHENTICATION](CLIENT_SECRET))
client.enableNonRepudiationChecks(config) // the ID token's signature is checked too
say("discovered", { metadata: config.serverMetadata() })

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const asked = { redirect_uri: redirectUri, scope: "openid profile offline_access", state, nonce }
if (PKCE === "yes") {
  asked.code_challenge = await client.calculatePKCECodeChallenge(verifier)
  asked.code_challenge_method = "S256"
}
const callback = new Promise((resolve) => {
  const server = createServer((request, response) => {
    response.setHeader("Connection", "close")
    response.end("answered")
    if (request.url.startsWith("/callback")) {
      server.close()
      resolve(new URL(request.url, redirectUri))
    }
  })
  server.listen(PORT, "127.0.0.1", () =>
    say("open", { url: client.buildAuthorizationUrl(config, asked).href }))
})
const answer = await callback
const checks = { expectedState: state, expectedNonce: nonce, idTokenExpected: true }
if (PKCE === "yes") checks.pkceCodeVerifier = verifier
const tokens = await client.authorizationCodeGrant(config, answer, checks)
say("signed in", { claims: tokens.claims(), type: tokens.token_type, scope: tokens.scope })
const { sub } = tokens.claims()
say("userinfo", { claims: await client.fetchUserInfo(config, tokens.access_token, sub) })
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token)
say("refreshed", { rotated: fresh.refresh_token !== tokens.refresh_token, claims: fresh.claims() ?? null })
await client.fetchUserInfo(config, fresh.access_token, sub)
const current = fresh.refresh_token ?? tokens.refresh_token
await client.tokenRevocation(config, current)
say("revoked", { refresh: await refusal(client.refreshTokenGrant(config, current)) })
say("again", { code: await refusal(client.authorizationCodeGrant(config, answer, checks)) })
say("leave", { url: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href })
