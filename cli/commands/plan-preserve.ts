// `understudy plan --preserve`: which of staging's rows would come along, and what they would meet.
import { previewUnderContract } from "../../handlers/preview-preserve.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { preserveText } from "../render/preserve-text.ts";

/** Exit code 1 where a run would be refused. */
export async function planPreserve({ contract, contractFile, world }: CommandContext): Promise<CommandResult> {
  const preview = await previewUnderContract(contract, world.platform.databases);
  const view = { contract: contractFile, ...preview };
  return { exitCode: preview.refusals.length === 0 ? 0 : 1, json: view, text: preserveText(view) };
}
