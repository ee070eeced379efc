export * from './result'
export * from './set-number'
