// What is proposed for a schema's columns, as a first contract, a contract's revision, or a patch.
export { writeFirstContract, type KnownServer } from "./first-contract.ts";
export { lookAtValues, type Looked } from "./look.ts";
export { propose, withProposals, type EvidenceOf, type TableProposal } from "./propose.ts";
export { entryOf, writeEntries } from "./entry.ts";
export { reviseContract, type Revision } from "./revise-contract.ts";
