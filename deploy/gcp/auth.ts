// Who calls Google: Application Default Credentials, found once a process.
// https://cloud.google.com/docs/authentication/application-default-credentials
import { GoogleAuth, OAuth2Client } from "google-auth-library";

/** IAM decides what the account may do; a narrower scope would only add a second place to look. */
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

export interface CloudAuth {
  /** What the vendor's clients take. */
  readonly google: GoogleAuth;
  /** The service account's or person's address; undefined where the credentials do not tell. */
  email(): Promise<string | undefined>;
  /** The same in the words of a message, which must not fail for want of it. */
  callerInWords(): Promise<string>;
}

/**
 * Nothing is looked for before the first call.
 *
 * @param project which one is meant; where it is left out, the vendor's library asks gcloud for one, which takes half a second
 */
export function openCloudAuth({ project }: { readonly project?: string } = {}): CloudAuth {
  const google = new GoogleAuth({ scopes: [SCOPE], ...(project === undefined ? {} : { projectId: project }) });
  let found: Promise<string | undefined> | undefined;
  async function email(): Promise<string | undefined> {
    found ??= findEmail(google);
    try {
      return await found;
    } catch (error) {
      found = undefined; // asked again next time: the metadata server may not have been ready
      throw error;
    }
  }
  return {
    google,
    email,
    async callerInWords() {
      try {
        const address = await email();
        if (address !== undefined) return `\`${address}\``;
      } catch {
        // said below
      }
      return "whoever runs this";
    },
  };
}

async function findEmail(google: GoogleAuth): Promise<string | undefined> {
  // A key, an impersonated account, or the metadata server's.
  const { client_email: email } = await google.getCredentials();
  if (email) return email;
  // A person, by `gcloud auth application-default login`: Google says whose token it is.
  const client = await google.getClient();
  const { token } = await client.getAccessToken();
  if (!(client instanceof OAuth2Client) || !token) return undefined;
  return (await client.getTokenInfo(token)).email;
}
