// `understudy plan --preserve`: which of staging's rows would come along, and what they would meet.
import { previewUnderContract } from "../../handlers/preview-preserve.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { preserveText } from "../render/preserve-text.ts";
import { serverSource, worldSource } from "../schema-source.ts";

/**
 * The options' server has production's rows: a clone, a read replica. Without them production itself is read, where it
 * gives sessions. Exit code 1 where a run would be refused.
 *
 * @throws UsageError
 */
export async function planPreserve(context: CommandContext): Promise<CommandResult> {
  const { contract, contractFile, world } = context;
  const server = serverSource(context);
  const source = server ?? worldSource(context);
  const isProduction = source.role === "production";
  const preview = await previewUnderContract(contract, world.platform.databases, isProduction ? source : undefined);
  const against = server
    ? server.title.replace("schema", "rows of")
    : isProduction
      ? "production's rows"
      : "staging's other rows";
  const view = { contract: contractFile, against, ...preview };
  return { exitCode: preview.refusals.length === 0 ? 0 : 1, json: view, text: preserveText(view) };
}
