// Firestore as the run store keeps what contracts/platform.ts promises, on Google's emulator.
import { openFirestoreRunStore } from "../../deploy/gcp/run-store.ts";
import { openFirestore } from "../gcp/firestore.ts";
import { describeRunStore } from "./run-store-suite.ts";

describeRunStore("gcp", async (t) => ({ platform: { runs: openFirestoreRunStore(openFirestore(t)) } }));
