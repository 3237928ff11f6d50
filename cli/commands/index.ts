// All commands, in the order in which help lists them.
import type { Command } from "../command.ts";
import { abandon } from "./abandon.ts";
import { check } from "./check.ts";
import { classify } from "./classify.ts";
import { doctor } from "./doctor.ts";
import { plan } from "./plan.ts";
import { replay } from "./replay.ts";
import { request } from "./request.ts";
import { rollback } from "./rollback.ts";
import { runs } from "./runs.ts";
import { show } from "./show.ts";
import { sync } from "./sync.ts";
import { work } from "./work.ts";

export const commands: readonly Command[] = [
  sync,
  request,
  runs,
  show,
  replay,
  abandon,
  rollback,
  classify,
  check,
  plan,
  doctor,
  work,
];
