export * from './owned-sets'
