// References that no schema declares: found by their names, believed by their values, written as the contract has them.
export { proposeReferences, type ReferenceProposal } from "./propose-references.ts";
