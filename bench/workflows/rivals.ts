export { bareFiring, bareIdle, bareLife, bareTimer } from './bare.ts'
export { plainLife } from './plain.ts'
