// The package types only its whole index; the agent bundles the CPU part alone (128 KiB instead of 490).
declare module 'systeminformation/lib/cpu.js' {
  export function cpu(): Promise<{ physicalCores: number; cores: number; processors: number }>
}
