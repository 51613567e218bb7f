/**
 * Keeps a gateway at what its file says: each change that is right is put in force, and each look that changed something, or could not, is
 * in the audit log and told to the observers.
 */
import { redactSecrets, toDragomanError } from "@dragoman/llm";
import type { GatewayConfiguration } from "../configuration.ts";
import type { Gateway } from "../gateway.ts";
import { type ReloadResult, reloadEntry } from "../tenancy/audit/reload-entry.ts";
import { changeText } from "./diff-configurations.ts";
import { shownChanges } from "./shown-configuration.ts";
import { type WatchConfigurationOptions, watchConfiguration } from "./watch-configuration.ts";

export interface FollowConfigurationOptions extends Omit<WatchConfigurationOptions, "onChange" | "onError"> {
  /** What is put in force of what the file says, as flags of a command line count more. Default: all of it, as it is. */
  readonly adjust?: (configuration: GatewayConfiguration) => GatewayConfiguration;
}

export interface FollowedConfiguration {
  /**
   * Looks at the file now, for somebody who writes into the audit log himself who asked, as the admin API does. Rejects with what stands
   * against the file.
   */
  readonly reload: () => Promise<void>;
  /** The same after SIGHUP: kept as asked for by the system. Never rejects. */
  readonly reloadOnSignal: () => Promise<void>;
}

/** Who is named in the audit log for a look at the file. Who asked over HTTP is named by the admin API. */
const SIGNAL = "signal";
const ASKED = "asked";

/** Resolves when watching has begun. */
export async function followConfiguration(
  file: string,
  gateway: Pick<Gateway, "configuration" | "reconfigure" | "audit" | "observer">,
  { adjust = (configuration) => configuration, ...options }: FollowConfigurationOptions,
): Promise<FollowedConfiguration> {
  const { audit, observer } = gateway;

  async function keep(result: ReloadResult, cause = "file"): Promise<void> {
    if (cause === ASKED) return;
    try {
      await audit.record(reloadEntry({ actor: `system:${cause}`, subject: file }, result));
    } catch (thrown) {
      const error = toDragomanError(thrown);
      observer.noticed({ level: "error", event: "audit.not-written", message: error.message, error });
    }
  }

  const watch = await watchConfiguration(file, {
    ...options,
    onChange: async (loaded, _changes, cause) => {
      const before = gateway.configuration;
      await gateway.reconfigure(adjust(loaded.configuration));
      const changes = shownChanges(before, gateway.configuration);
      const said = changes.length === 0 ? "nothing changes" : changes.map(changeText).join("; ");
      observer.noticed({
        level: "info",
        event: "configuration.reloaded",
        message: clipped(`${file} is in force: ${said}`),
        fields: { file, changes: changes.length },
      });
      await keep({ changes }, cause);
    },
    onError: (thrown, _lastGood, cause) => {
      const error = toDragomanError(thrown);
      const reason = redactSecrets(error.detail).replaceAll(/\s*\n\s*/g, "; ");
      observer.noticed({
        level: "warn",
        event: "configuration.refused",
        message: clipped(`${file} was not taken; what held before goes on: ${reason}`),
        error,
        fields: { file },
      });
      void keep({ error: thrown }, cause);
    },
  });

  return {
    reload: async () => {
      const result = await watch.reload(ASKED);
      if (!result.taken) throw result.error;
    },
    reloadOnSignal: async () => void (await watch.reload(SIGNAL)),
  };
}

const MESSAGE_LENGTH_MAX = 4_000;

function clipped(text: string): string {
  return text.length > MESSAGE_LENGTH_MAX ? `${text.slice(0, MESSAGE_LENGTH_MAX).toWellFormed()}…` : text;
}
