// Fourteen columns of investor flow: the old lists count them without naming them all.

export const flow14: readonly string[] = [
  "flow_foreign_net_ratio",
  "flow_individual_net_ratio",
  "flow_foreign_share",
  "flow_breadth_pos",
  "flow_foreign_net_z",
  "flow_individual_net_z",
  "flow_activity_z",
  "flow_activity_ratio",
  "flow_smart_idx",
  "flow_smart_mom4",
  "flow_shock_flag",
  "flow_foreign_net_pos",
  "flow_impulse",
  "flow_days_since",
];
