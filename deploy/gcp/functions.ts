// The package's `main`: functions-framework loads it and finds the one function that FUNCTION_TARGET names.
// https://cloud.google.com/run/docs/write-http-functions
import { http } from "@google-cloud/functions-framework";
import { endOnCrash, reportEnd } from "./crash.ts";
import { openFunction } from "./functions/open-function.ts";

endOnCrash();
const name = process.env["FUNCTION_TARGET"] ?? "";
try {
  http(name, await openFunction(name, process.env));
} catch (error) {
  // Thrown, it would be told as a syntax error, with a stack.
  reportEnd(error);
  process.exit(1);
}
