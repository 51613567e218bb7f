/** Configuration: from a file, or from a program. */
export {
  type CompleteConfigurationOptions,
  completeConfiguration,
  defaultConfiguration,
  type PartialGatewayConfiguration,
  type PartialLimitRule,
  type PartialLimits,
  type PartialModelRoute,
  type PartialTarget,
} from "./complete-configuration.ts";
export { configurationReference, type ReferenceRow } from "./configuration-reference.ts";
export { configurationSchema } from "./configuration-schema.ts";
export { type ConfigurationChange, changeText, diffConfigurations } from "./diff-configurations.ts";
export { type FollowConfigurationOptions, type FollowedConfiguration, followConfiguration } from "./follow-configuration.ts";
export { type LoadConfigurationOptions, type LoadedConfiguration, loadConfiguration } from "./load-configuration.ts";
export {
  type ConfigurationFormat,
  type ParseConfigurationOptions,
  type ParsedConfiguration,
  parseConfiguration,
} from "./parse-configuration.ts";
export { ConfigurationError, type ConfigurationPath, type ConfigurationProblem, problemText } from "./problem.ts";
export { configurationValues, type RenderConfigurationOptions, renderConfiguration } from "./render-configuration.ts";
export { STANDARD_CONFIGURATION } from "./standard-configuration.ts";
export {
  type ConfigurationWatch,
  type LookResult,
  type WatchConfigurationOptions,
  watchConfiguration,
} from "./watch-configuration.ts";
