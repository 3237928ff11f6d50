// Where Google's services are: their usual places, or those that gcloud's own variables name (an emulator, a private
// endpoint). PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST are read by the clients themselves.

type Environment = Readonly<Record<string, string | undefined>>;

export interface Endpoints {
  /** Without a slash at the end. */
  readonly sqlAdmin: string;
  readonly storage: string;
  readonly secretManager: string;
  readonly serviceUsage: string;
  readonly resourceManager: string;
  readonly iam: string;
  readonly functions: string;
  readonly run: string;
  /** Also of the emulators: they speak REST on the port that the clients use. */
  readonly pubsub: string;
  readonly firestore: string;
}

/** https://cloud.google.com/sdk/docs/properties#api_endpoint_overrides, as environment variables. */
export function endpointsOf(environment: Environment): Endpoints {
  const endpoint = (name: string, usual: string) =>
    (environment[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`] ?? usual).replace(/\/+$/, "");
  const emulator = (name: string) => {
    const host = environment[`${name}_EMULATOR_HOST`];
    return host ? `http://${host}` : undefined;
  };
  return {
    sqlAdmin: endpoint("SQL", "https://sqladmin.googleapis.com"),
    storage: endpoint("STORAGE", "https://storage.googleapis.com"),
    secretManager: endpoint("SECRETMANAGER", "https://secretmanager.googleapis.com"),
    serviceUsage: endpoint("SERVICEUSAGE", "https://serviceusage.googleapis.com"),
    resourceManager: endpoint("CLOUDRESOURCEMANAGER", "https://cloudresourcemanager.googleapis.com"),
    functions: endpoint("CLOUDFUNCTIONS", "https://cloudfunctions.googleapis.com"),
    run: endpoint("RUN", "https://run.googleapis.com"),
    iam: endpoint("IAM", "https://iam.googleapis.com"),
    pubsub: emulator("PUBSUB") ?? endpoint("PUBSUB", "https://pubsub.googleapis.com"),
    firestore: emulator("FIRESTORE") ?? endpoint("FIRESTORE", "https://firestore.googleapis.com"),
  };
}
